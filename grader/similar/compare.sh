#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# compare.sh format|percent|runs UNITS - the programs that look at what students
# wrote.  Runs in a sandbox, in a folder with NUMBER.c for each source.
#
#   format   clang-format of each, in place; what it cannot format stays as it is
#   percent  sim_c of each pair: new-new, and new-old where the file `old` lists some
#   runs     sim_c of each pair in the file `pairs`, with the places of what matches
#
# A run is at least UNITS tokens long.
set -eu

case $1 in
format)
	for source in *.c; do
		timeout 10 clang-format -i "$source" || true
	done
	;;
percent)
	# -a and -e: each with each, both ways, as if nobody else were there
	sim_c -p -a -e -s -t 1 -r "$2" -i <new
	if [ -s old ]; then
		{ cat new && printf '/\n' && cat old; } | sim_c -p -e -S -t 1 -r "$2" -i
		{ cat old && printf '/\n' && cat new; } | sim_c -p -e -S -t 1 -r "$2" -i
	fi
	;;
runs)
	while read -r one other; do
		sim_c -n -e -s -T -r "$2" "$one" "$other"
	done <pairs
	;;
esac
