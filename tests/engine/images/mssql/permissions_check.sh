#!/bin/bash
# As in the official image, this tells of the user and refuses nothing: the server does.
echo "SQL Server ${STAND_IN_VERSION} will run as non-root by default."
echo "This container is running as user $(id -un 2>/dev/null || id -u)."
master=/var/opt/mssql/data/master.mdf
if [ -e "$master" ] && [ ! -O "$master" ]; then
    echo "Your master database file is owned by $(stat -c %U "$master")."
fi
