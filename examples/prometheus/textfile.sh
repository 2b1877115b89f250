#!/bin/sh
# For cron on a machine with a node_exporter (--collector.textfile.directory=/var/lib/node_exporter): writes the metrics that skiffctl.rules.yaml judges.
#   */5 * * * * root /usr/local/lib/skiffctl/textfile.sh
# The file is replaced whole. When the cluster cannot be reached it says so; when skiffctl does not run at all it gets old, and the rules say that.
directory=${SKIFFCTL_TEXTFILE_DIRECTORY:-/var/lib/node_exporter}
skiffctl doctor -o prometheus="$directory/skiffctl.prom"
code=$?
# 0 to 3 are in the metrics.
test "$code" -le 3 || exit "$code"
