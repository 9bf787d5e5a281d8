# SPDX-License-Identifier: GPL-2.0
#
# What the tests of all sins share; grader/sins.py writes a test for each.

# commit(NAME, STEP) - loads a sin and goes on to the STEP that sins: read, one
# system call; reads, two; unload, and the time until what was left behind fires
commit() {
	vm_start
	vm_load "$1"
	case $2 in
	read) vm_run dd if=/dev/"$1" bs=16 count=1 ;;
	reads) vm_run dd if=/dev/"$1" bs=1 count=2 ;;
	unload) vm_unload "$1" && vm_run sleep 0.5 ;;
	esac
}
