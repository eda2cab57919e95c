#!/bin/bash
exec /opt/mssql/bin/sqlservr "$@"
