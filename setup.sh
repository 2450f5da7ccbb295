# Sourced by ./chitin, ./test and ./bench/run: what the machine must have.
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_CLI_USE_MSBUILD_SERVER=0 MSBUILDDISABLENODEREUSE=1

if ! command -v dotnet >/dev/null; then
    echo "ERROR: the .NET 10 SDK is not installed" >&2
    echo "HINT: see https://learn.microsoft.com/dotnet/core/install/linux-debian" >&2
    exit 1
fi

# install_package PACKAGE: by apt, as root alone.
install_package() {
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        apt-get install -y -q "$1" >/dev/null 2>&1 || { apt-get update -q >/dev/null 2>&1 && apt-get install -y -q "$1" >/dev/null 2>&1; }
    fi
}

# need COMMAND PACKAGE: installs a Debian package when its command is missing and we may.
need() {
    command -v "$1" >/dev/null && return 0
    install_package "$2"
    command -v "$1" >/dev/null
}

# need_package PACKAGE FILE: installs a Debian package when its file is missing and we may.
need_package() {
    [ -e "$2" ] && return 0
    install_package "$1"
    [ -e "$2" ]
}

# The client programs that the wire tests drive. A driver that cannot be had makes its test skip, with that reason.
need_drivers() {
    need psql postgresql-client || echo "warning: psql is not installed" >&2
    need_package python3-psycopg2 /usr/lib/python3/dist-packages/psycopg2/__init__.py || echo "warning: psycopg2 is not installed" >&2
    if ! [ -e /usr/share/nodejs/pg/package.json ] && ! [ -e artifacts/drivers/node_modules/pg/package.json ]; then
        # Debian's node-pg where Debian's node is; npm where another one stands.
        if command -v npm >/dev/null; then
            npm install --prefix artifacts/drivers --no-save --no-package-lock --no-audit --no-fund --silent pg@8.16.3 >/dev/null 2>&1
        else
            need_package node-pg /usr/share/nodejs/pg/package.json
        fi || echo "warning: node-postgres is not installed" >&2
    fi
}
