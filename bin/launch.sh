# What the launchers share; they source it with $bin, the folder of this file, set. NODE names another node than the one on
# the PATH. ROCKETMQ_HOME is the folder above bin/ unless the environment says otherwise, as with RocketMQ's own scripts.
#
# Servers only: the memory limit of a JVM (-Xmx in JAVA_OPT_EXT, else in JAVA_OPT) becomes node's, other options of a JVM
# are said to be ignored; and signals that were ignored when this script began (nohup, a background job of a script) stay
# ignored: node undoes that, so it is told which.

launch() {
  kind=$1
  shift
  : "${ROCKETMQ_HOME:=${bin%/*}}"
  export ROCKETMQ_HOME
  memory=
  if [ "$kind" = server ]; then
    read_jvm_options
    keep_ignored_signals
  fi
  if ! command -v "${NODE:-node}" >/dev/null 2>&1; then
    echo "${NODE:-node} was not found: install Node.js 20.19 or newer, or name one with NODE=/path/to/node." >&2
    exit 1
  fi
  exec "${NODE:-node}" ${memory:+"--max-old-space-size=$memory"} "$bin/run.cjs" "$@"
}

read_jvm_options() {
  ignored=
  set -f
  for option in $JAVA_OPT $JAVA_OPT_EXT; do
    case $option in
      -Xmx*) megabytes "${option#-Xmx}" || ignored="$ignored $option" ;;
      *) ignored="$ignored $option" ;;
    esac
  done
  set +f
  [ -z "$ignored" ] || echo "JAVA_OPT_EXT and JAVA_OPT: there is no JVM, ignored:$ignored" >&2
}

# Sets memory to a size such as 512m, 4g, 524288k or 536870912 in MiB; fails for anything else and for less than the 16 MiB
# that node needs itself.
megabytes() {
  number=${1%[kKmMgG]}
  case $number in
    '' | *[!0-9]* | ?????????????*) return 1 ;;
  esac
  case $1 in
    *[gG]) size=$((number * 1024)) ;;
    *[mM]) size=$number ;;
    *[kK]) size=$((number / 1024)) ;;
    *) size=$((number / 1048576)) ;;
  esac
  [ "$size" -ge 16 ] || return 1
  memory=$size
}

# The last hex digit of the mask on Linux: bit 0 is SIGHUP, bit 1 SIGINT. Other systems do not tell: nothing is kept.
keep_ignored_signals() {
  POCKETMQ_IGNORED_SIGNALS=
  mask=$(sed -n 's/^SigIgn:[[:space:]]*//p' "/proc/$$/status" 2>/dev/null)
  case $mask in *[13579bdf]) POCKETMQ_IGNORED_SIGNALS=SIGHUP ;; esac
  case $mask in *[2367abef]) POCKETMQ_IGNORED_SIGNALS="$POCKETMQ_IGNORED_SIGNALS SIGINT" ;; esac
  export POCKETMQ_IGNORED_SIGNALS
}
