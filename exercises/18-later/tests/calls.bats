#!/usr/bin/env bats
# Each mechanism: where its calls run, on top of whom, and when.

load ../../lib/vm
load later

setup() {
	vm_start
	later_ready
}

# bats test_tags=points:7,todo:3,id:taskwork
@test "a task_work is called in the writer, before write returns to it" {
	io 'open /dev/later rw' 'write task_work' 'read 64' $'write task_work\n' 'read 64' 'read 64'
	assert_equal "$(results)" '3 9 20 10 20 0'
	assert_equal "$(columns 1-3)" 'task_work task io;task_work task io'
	assert_late 0 1 2
}

# bats test_tags=points:6,todo:4,id:work
@test "a work is called by a thread of the kernel, an irq_work on top of the writer" {
	io 'open /dev/later rw' 'write irq_work' 'read 64' 'write work' 'sleep 20' 'read 64'
	assert_equal "$(columns 1-2)" 'irq_work hardirq;work task'
	[[ $(columns 3) == io\;kworker/* ]] || fail "on top of whom: $(lines)"
	assert_late 0 1 2
}

# bats test_tags=points:6,todo:5,id:timer
@test "up to 60 jiffies a timer is exact to one, and a delayed_work nearly so" {
	local ms
	delay ms 1 60
	io 'open /dev/later rw' "write timer $ms" "sleep $((ms + 20))" 'read 64' 'write timer' 'sleep 20' 'read 64'
	assert_equal "$(columns 1-2)" 'timer softirq;timer softirq'
	assert_late 0 1 2
	io 'open /dev/later rw' "write delayed_work $ms" "sleep $((ms + 20))" 'read 64' \
		'write delayed_work' 'sleep 20' 'read 64'
	assert_equal "$(columns 1-2)" 'delayed_work task;delayed_work task'
	[[ $(columns 3) == kworker/*\;kworker/* ]] || fail "by whom: $(lines)"
	assert_late 0 2 2
}

# bats test_tags=points:5,todo:6,id:hrtimer
@test "an hrtimer is called in hardirq context, exact to a jiffy whatever the delay" {
	local ms
	delay ms 1000 14000
	io 'open /dev/later rw' "write hrtimer $ms" "sleep $((ms + 20))" 'read 64' 'write hrtimer' 'sleep 20' 'read 64'
	assert_equal "$(columns 1-2)" 'hrtimer hardirq;hrtimer hardirq'
	assert_late 0 1 2
}

# bats test_tags=points:5,todo:5,needs:timer
@test "a long delay comes late by an eighth at most, and in the order of what is due" {
	local first second third late span k=0
	random_between first 1000 9000
	random_between second 14000 30000
	random_between third 45000 53000
	io 'open /dev/later rw' "write timer $third" "write delayed_work $second" "write timer $first" \
		'write hrtimer 60000' 'sleep 70000' 'read 4096'
	assert_equal "$(columns 1-2)" 'timer softirq;delayed_work task;timer softirq;hrtimer hardirq'
	read -ra late < <(lates | paste -sd ' ')
	for span in "$first" "$second" "$third" 32; do
		((late[k] >= 0 && late[k] <= span / 32 + 2 + SLACK)) || fail "after $span ms: $(lines)"
		k=$((k + 1))
	done
}

# bats test_tags=points:7,todo:6,needs:timer
@test "xTIMES asks for several calls, a delay apart, which do not drift" {
	local ms calls mechanism late
	delay ms 2 40
	random_between calls 5 30
	for mechanism in timer hrtimer delayed_work; do
		io 'open /dev/later rw' "write $mechanism $ms x$calls" "sleep $((ms * calls - 2))" \
			'read 4096' 'sleep 20' 'read 4096' "sleep $((2 * ms + 20))" 'read 4096'
		assert_equal "$(columns 1 | tr ';' '\n' | uniq -c | tr -s ' ')" " $calls $mechanism"
		late=1
		[[ $mechanism != delayed_work ]] || late=2
		assert_late 0 "$late" "$calls"
	done
	io 'open /dev/later rw' "write task_work x$calls" 'read 4096' "write irq_work x$calls" 'read 4096' \
		"write work x$calls" 'sleep 40' 'read 4096'
	assert_equal "$(lines | cut -d ' ' -f 1-2 | uniq -c | tr -s ' ' | paste -sd ';')" \
		" $calls task_work task; $calls irq_work hardirq; $calls work task"
}
