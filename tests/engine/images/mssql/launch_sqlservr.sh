#!/bin/bash
# The image's entrypoint: tells who runs it, and becomes the server.
/opt/mssql/bin/permissions_check.sh
exec "$@"
