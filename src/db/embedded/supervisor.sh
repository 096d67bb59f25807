# Runs one private PostgreSQL server for as long as stdin stays open.
#
# stdin   a pipe from tierpix, which closes when tierpix ends, however it ends
# stdout  the server lock: held by every process below, so it is free when the last one is gone
# stderr  the log
#
# Arguments: the programs' folder, the cluster, the signals that stop it in their order, --no-sync or
# nothing for initdb, a folder to remove at the end or nothing; all others are options of postgres.
bin=$1 cluster=$2 signals=$3 no_sync=$4 litter=$5
shift 5

exec 3<&0 4>&1 </dev/null >&2
umask 077
# Signals to the group are meant for the programs, which set handlers of their own.
trap '' HUP INT QUIT TERM

(
    read -r _ <&3
    # Each second again: a program that has only just begun has no handler yet.
    for signal in $signals KILL; do
        for _ in 1 2 3 4 5 6 7 8 9 10; do
            kill -s "$signal" 0
            sleep 1
        done
    done
) 4>&- &
watcher=$!
exec 3<&-

# Made aside and then renamed: a first start that was cut short leaves no half a cluster.
make_cluster() {
    # Sorting by bytes does not change with the C library; C.UTF-8 knows the letters of all scripts.
    case $(locale -a 2>/dev/null) in
        *C.utf8* | *C.UTF-8*) ctype=C.UTF-8 ;;
        *) ctype=C ;;
    esac
    "$bin/initdb" --pgdata="$cluster.new" --username=tierpix --encoding=UTF8 \
        --locale=C --lc-ctype="$ctype" --data-checksums --auth-local=trust --auth-host=reject \
        --no-instructions ${no_sync:+"$no_sync"} &&
        mv -- "$cluster.new" "$cluster"
}

rm -rf -- "$cluster.new"
{ [ -e "$cluster" ] || make_cluster; } && "$bin/postgres" -D "$cluster" "$@"
status=$?

kill -s KILL "$watcher"
[ -z "$litter" ] || rm -rf -- "$litter"
exit "$status"
