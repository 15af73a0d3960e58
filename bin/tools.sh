#!/bin/sh
# Runs one of RocketMQ's example programs: tools.sh org.apache.rocketmq.example.quickstart.Producer

self=$0
while [ -h "$self" ]; do
  target=$(readlink -- "$self")
  case $target in
    /*) self=$target ;;
    *) self=$(dirname -- "$self")/$target ;;
  esac
done
bin=$(CDPATH='' cd -- "$(dirname -- "$self")" && pwd -P) || exit 1

. "$bin/launch.sh"
case ${1:-} in
  org.apache.rocketmq.tools.command.MQAdminStartup)
    shift
    launch tool "$@"
    ;;
esac
launch tool tools "$@"
