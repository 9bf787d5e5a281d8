# shellcheck shell=bash disable=SC2154 # bats sets output, stderr and status
# SPDX-License-Identifier: GPL-2.0
#
# The error-path sweep behind vm_sweep of vm.bash: every call of an operation
# that can fail is made to fail in turn, each in a pristine VM.  fallible.txt
# says which functions can fail, and how; failfn.ko makes them.  What the
# functions here share is in variables that begin with sweep_:
#
#   sweep_run        what io is to do
#   sweep_spoken     the same for people: insmod prng
#   sweep_module     whose calls count
#   sweep_functions  SYMBOL NAME HOW ERRORS of each function that it imports
#   sweep_calls      a line of failfn's list for each call when none fails
#   sweep_value      by SYMBOL: what a failed call returns
#   sweep_error      by SYMBOL: the errors that may come of that, after a blank each
#   sweep_story      what was made to fail: the beginning of a message

declare -gA sweep_errno=([ENOENT]=2 [ESRCH]=3 [EINTR]=4 [EAGAIN]=11 [ENOMEM]=12
	[EACCES]=13 [EBUSY]=16 [EEXIST]=17 [ENODEV]=19 [EINVAL]=22 [ENFILE]=23
	[EMFILE]=24 [ENOSPC]=28 [EROFS]=30 [ENOSYS]=38)

# sweep(ARGUMENTS...) - what vm_sweep does
sweep() {
	local sweep_run=() sweep_spoken sweep_module='' sweep_prepare=:
	local sweep_functions=() sweep_calls=() sweep_story='' sweep_failure=''
	local -A sweep_value sweep_error
	local name=$VM_NAME n
	while [[ ${1-} == --* ]]; do
		[[ ${2-} ]] || sweep_misuse "$1 needs a value"
		case $1 in
		--prepare) sweep_prepare=$2 ;;
		--module) sweep_module=$2 ;;
		*) sweep_misuse "unknown option $1" ;;
		esac
		shift 2
	done
	sweep_read "$@"
	sweep_look_up
	sweep_count
	for ((n = 1; n <= ${#sweep_calls[@]}; n++)); do
		vm stop
		VM_NAME=$name-$n
		setup
		sweep_fail "$n"
	done
}

# sweep_misuse(WHY) - says how to call vm_sweep
sweep_misuse() {
	fail "vm_sweep: $1
usage: vm_sweep [--prepare COMMAND] [--module NAME] insmod NAME [P=V...]
       vm_sweep [--prepare COMMAND] [--module NAME] io OPERATION..."
}

# sweep_read(insmod|io, ARGUMENTS...) - what to do, and whose calls count
sweep_read() {
	local modules=("$MODULES"/*.ko)
	case ${1-} in
	insmod)
		[[ -e $MODULES/${2-}.ko ]] || sweep_misuse "there is no module '${2-}'"
		sweep_run=("insmod /lib/$2.ko ${*:3}")
		sweep_spoken=$*
		sweep_module=${sweep_module:-$2}
		;;
	io)
		[[ ${2-} ]] || sweep_misuse 'io needs an operation'
		sweep_run=("${@:2}")
		printf -v sweep_spoken '%s, ' "${@:2}"
		sweep_spoken=${sweep_spoken%, }
		;;
	*) sweep_misuse "unknown operation '${1-}'; known: insmod io" ;;
	esac
	if [[ -z $sweep_module ]]; then
		((${#modules[@]} == 1)) || sweep_misuse 'there are several modules; add --module'
		sweep_module=${modules[0]##*/}
		sweep_module=${sweep_module%.ko}
	fi
}

# sweep_look_up() - the functions that can fail and that the modules import; the
# grader has listed these beside the modules
sweep_look_up() {
	mapfile -t sweep_functions < <(awk '
		NR == FNR { imported[$1]; next }
		!/^#/ && $1 in imported { $1 = $1; print }
	' "$MODULES/symbols" "${BASH_SOURCE[0]%/*}/fallible.txt")
	((${#sweep_functions[@]})) || sweep_nothing
}

# sweep_nothing() - there is nothing to sweep
sweep_nothing() {
	fail "$sweep_spoken: $sweep_module makes no call that can fail; is a TODO left?"
}

# sweep_draw() - how each function is to fail this time
sweep_draw() {
	local line symbol how errors drawn
	for line in "${sweep_functions[@]}"; do
		read -r symbol _ how errors <<<"$line"
		IFS=, read -ra errors <<<"$errors"
		drawn=${errors[RANDOM % ${#errors[@]}]}
		sweep_error[$symbol]=" $drawn"
		case $how in
		NULL)
			sweep_value[$symbol]=0
			sweep_error[$symbol]=" ${errors[*]}"
			;;
		XA_ERROR) sweep_value[$symbol]=$((2 - 4 * sweep_errno[$drawn])) ;;
		*) sweep_value[$symbol]=-${sweep_errno[$drawn]} ;;
		esac
	done
}

# sweep_arm(N) - prepares the VM: the Nth call will fail, with -1 none
sweep_arm() {
	local symbols values
	sweep_draw
	symbols=${!sweep_value[*]}
	values=${sweep_value[*]}
	eval "$sweep_prepare"
	vm_helper io failfn
	if [[ ${sweep_run[0]} == 'insmod /lib/'* ]]; then
		vm_put "$MODULES/$sweep_module.ko" "/lib/$sweep_module.ko"
	fi
	vm_insmod failfn "function=${symbols// /,}" "error=${values// /,}" "nth=$1" \
		"module=$sweep_module"
}

# sweep_io() - does it; $output has io's lines, sweep_failure the first error
sweep_io() {
	run --separate-stderr vm_run io "${sweep_run[@]}"
	sweep_failure=$(sed -n 's/.* = -\(E[A-Z0-9]*\)$/\1/p' <<<"$output" | head -n 1)
	case $status in
	0) ;;
	2) sweep_misuse "${stderr%%$'\n'*}" ;;
	*) fail "${sweep_story}the kernel did not survive $sweep_spoken" ;;
	esac
}

# sweep_count() - which calls there are when none of them fails
sweep_count() {
	sweep_arm -1
	sweep_io
	[[ -z $sweep_failure ]] ||
		fail "$sweep_spoken gives $sweep_failure although no call was made to fail:
$output"
	run -0 vm_run cat /sys/kernel/debug/failfn
	[[ $output ]] || sweep_nothing
	mapfile -t sweep_calls <<<"$output"
	sweep_audit
}

# sweep_fail(N) - has the Nth call fail, in a VM that is as setup leaves it
sweep_fail() {
	local n=$1 line
	sweep_arm "$n"
	sweep_tell "$n" "${sweep_calls[n - 1]}" # should nobody live to tell
	sweep_io
	line=$(vm_run grep '^failed' /sys/kernel/debug/failfn) ||
		fail "$sweep_spoken made ${#sweep_calls[@]} calls that can fail, now fewer than $n"
	sweep_tell "$n" "$line"
	sweep_judge "$line"
	sweep_io
	[[ -z $sweep_failure ]] ||
		fail "${sweep_story}$sweep_spoken gives $sweep_failure ever since
expected: that it works the next time"
	sweep_quiet
	sweep_audit
}

# sweep_tell(N, LINE) - sweep_story from a line of failfn's list
sweep_tell() {
	local n=$1 symbol caller name how returned ordinal=th
	read -r _ symbol caller <<<"$2"
	read -r _ name how _ < <(printf '%s\n' "${sweep_functions[@]}" | grep "^$symbol ")
	case $n in
	*1[123]) ;;
	*1) ordinal=st ;;
	*2) ordinal=nd ;;
	*3) ordinal=rd ;;
	esac
	returned=-${sweep_error[$symbol]# }
	case $how in
	NULL) returned=NULL ;;
	ERR_PTR | XA_ERROR) returned="$how($returned)" ;;
	esac
	ordinal="$n$ordinal of ${#sweep_calls[@]} calls"
	((${#sweep_calls[@]} > 1)) || ordinal='only call'
	printf -v sweep_story 'the %s that can fail, %s in %s, returned %s: ' \
		"$ordinal" "$name" "$caller" "$returned"
}

# sweep_judge(LINE) - holds sweep_failure against what the failed call returned
sweep_judge() {
	local symbol errors
	read -r _ symbol _ <<<"$1"
	errors=${sweep_error[$symbol]}
	[[ -n $sweep_failure ]] ||
		fail "$sweep_story$sweep_spoken took no notice
expected:${errors// / -}"
	[[ " $errors " == *" $sweep_failure "* ]] ||
		fail "$sweep_story$sweep_spoken gave -$sweep_failure
expected:${errors// / -}"
}

# sweep_quiet() - the host has seen no report of the kernel in this VM
sweep_quiet() {
	local known
	known=$(vm status)
	[[ $known == *'"tripwires": []'* ]] ||
		fail "${sweep_story}the kernel had something to report"
}

# sweep_audit() - what an operation took is given back when the module goes
sweep_audit() {
	local findings
	findings=$(vm audit | grep -v '^module ') ||
		findings=
	[[ -z $findings ]] || fail "${sweep_story}$sweep_spoken leaks
$findings"
}
