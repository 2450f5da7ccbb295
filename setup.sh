# Sourced by ./chitin, ./test and ./bench/run: what the machine must have.
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_CLI_USE_MSBUILD_SERVER=0 MSBUILDDISABLENODEREUSE=1

if ! command -v dotnet >/dev/null; then
    echo "ERROR: the .NET 10 SDK is not installed" >&2
    echo "HINT: see https://learn.microsoft.com/dotnet/core/install/linux-debian" >&2
    exit 1
fi

# need COMMAND PACKAGE: installs a Debian package when its command is missing and we may.
need() {
    command -v "$1" >/dev/null && return 0
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        apt-get install -y -q "$2" >/dev/null 2>&1 || { apt-get update -q >/dev/null 2>&1 && apt-get install -y -q "$2" >/dev/null 2>&1; }
    fi
    command -v "$1" >/dev/null
}
