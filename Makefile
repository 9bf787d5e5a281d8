# The only face of the course: verbs, and nothing but calls of the grader.
# A verb's `## ` comment is its line in `make help`.

PYTHON ?= /usr/bin/python3
GRADER := $(PYTHON) -E -s -X pycache_prefix=build/cache/python -m grader

# Verbs that take exercises: what follows on the command line is data, not a goal.
TAKES_N := exercise grade watch hint reset status shell play submit grade-class override similar skeletons \
	golden soak transcripts handouts
LATER := gdb
# Those that students do not have, and do not see; see grader/later.py.
STAFF := bench canaries collect golden grade-class gradebook handouts override release similar \
	skeletons soak transcripts
VERBS := help setup lint check collect gradebook bench canaries release debug-kernel $(TAKES_N) $(LATER)
VERB := $(firstword $(MAKECMDGOALS))
ifneq ($(filter $(VERB),$(TAKES_N) $(LATER)),)
N := $(wordlist 2,$(words $(MAKECMDGOALS)),$(MAKECMDGOALS))
endif

quote = '$(subst ','\'',$(1))'
option = $(if $($(1)),--$(2)=$(call quote,$($(1))))
words = $(foreach word,$(N),$(call quote,$(word)))
HOW = $(call option,SOURCE,source) $(call option,KERNEL,kernel) $(call option,JOBS,jobs) \
	$(call option,SEED,seed) $(call option,TEST,test)

verbs = sed -n 's/^\([a-z-]*\):.*\#\# \(.*\)/\1\t\2/p' Makefile | awk -F'\t' -v staff=' $(STAFF) ' \
	'$(1)index(staff, " " $$1 " ") { printf "  make %-12s %s\n", $$1, $$2 }'

.PHONY: $(VERBS) $(filter-out $(VERBS),$(N))
.SILENT:

help: ## this list
	printf 'usage: make VERB [N ...] [NAME=value ...]\n\n'
	$(call verbs,!)
	$(if $(wildcard solutions),printf '\nfor the staff:\n'; $(call verbs))
	printf '\nN is an exercise or a prefix of one that ends at a dash: 13, 13-prng.\n'

setup: ## install what is missing, fetch the kernel, build vm/, make the VM template
	$(GRADER) setup

exercise: ## N: build exercise N and say what to read, edit and run next
	$(GRADER) exercise $(words)

grade: ## [N ...]: build, boot, test and score [SOURCE= KERNEL= JOBS= SEED= TEST= JSON=]
	$(GRADER) grade $(HOW) $(call option,JSON,json) $(words)

watch: ## N: rebuild and regrade whenever a file is saved
	$(GRADER) watch $(HOW) $(words)

hint: ## N: the next hint for the first TODO whose tests fail
	$(GRADER) hint $(words)

reset: ## N: back to the skeleton; asks first, unless YES=1
	$(GRADER) reset $(if $(YES),--yes) $(words)

status: ## a table of your progress
	$(GRADER) status $(words)

shell: ## N: a root shell in a VM with the module at hand
	$(GRADER) shell $(call option,SOURCE,source) $(call option,KERNEL,kernel) $(words)

play: ## N: play a melody on your keyboard, 14, and hear it [SOURCE=]
	$(GRADER) play $(call option,SOURCE,source) $(words)

submit: ## N: check your commits and write the series to send [TO= RFC=1 VERSION= BASE=]
	$(GRADER) submit $(call option,KERNEL,kernel) $(call option,JOBS,jobs) $(call option,SEED,seed) \
		$(call option,VERSION,version) $(call option,BASE,base) $(call option,TO,to) \
		$(if $(RFC),--rfc) $(words)

collect: ## FROM=MBOX or Maildir: sort the class's mails into submissions/ [ROSTER= AUTHSERV=]
	$(GRADER) collect $(call option,FROM,from) $(call option,ROSTER,roster) $(call option,AUTHSERV,authserv)

grade-class: ## N: grade the latest version of every student [JOBS= SEED= REGRADE=1 NOTE= ENGINE=slurm]
	$(GRADER) grade-class $(call option,JOBS,jobs) $(call option,SEED,seed) $(call option,ENGINE,engine) \
		$(if $(REGRADE),--regrade) $(call option,NOTE,note) $(words)

gradebook: ## all grades: table, pages, CSV, mails, Gradescope [NOTE=]
	$(GRADER) gradebook $(call option,NOTE,note)

override: ## N: points by hand: STUDENT=id POINTS=90 REASON="why" [AUTHOR=]
	$(GRADER) override $(call option,STUDENT,student) $(call option,POINTS,points) \
		$(call option,REASON,reason) $(call option,AUTHOR,author) $(words)

similar: ## N: which hand-ins are alike, side by side [EARLIER=DIR of an earlier class]
	$(GRADER) similar $(call option,EARLIER,earlier) $(words)

check: ## test the course itself: lint, unit tests, vm/, exercises [KERNEL=all]
	$(GRADER) check $(call option,KERNEL,kernel)

lint: ## formatters and static checkers
	$(GRADER) lint

skeletons: ## derive exercises/N/*.c from solutions/N/*.c
	$(GRADER) skeletons $(words)

debug-kernel: ## build the kernel with KASAN and lockdep, once [KERNEL=race: with KCSAN]
	$(GRADER) debug-kernel $(call option,KERNEL,kernel)

bench: ## clones against cold boots, a class of 102 students; writes build/bench.md
	$(GRADER) bench

transcripts: ## [N ...]: run the transcripts of lectures and write what changed
	$(GRADER) transcripts $(words)

handouts: ## [N ...]: site, slides and PDFs of lectures and exercises, in build/handouts
	$(GRADER) handouts $(words)

golden: ## [SIN ...]: what the kernels say of each sin, anew, for the parser's tests [KERNEL= TOLD=1]
	$(GRADER) golden $(if $(TOLD),--told) $(call option,KERNEL,kernel) $(words)

soak: ## [SIN|N ...]: every sin and every solution again and again [KERNEL= RUNS=10 CLEAN=100]
	$(GRADER) soak $(call option,KERNEL,kernel) $(call option,RUNS,runs) $(call option,CLEAN,clean) $(words)

canaries: ## mark every file of solutions/, so that a copy gives itself away
	$(GRADER) canaries

release: ## the student's archive and repository, into build/release/ [FROM=REPOSITORY]
	$(GRADER) release $(call option,FROM,from)

$(LATER):
	$(GRADER) $@ $(words)

ifneq ($(filter-out $(VERBS),$(N)),)
$(filter-out $(VERBS),$(N)):
	:
endif
