#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# apply.sh FILE... - applies a series to the base that it was made on, and writes
# down what it really did.  Runs in a sandbox, in a folder of its own, and takes
#
#   bases/K/       trees, the skeleton of today as 0, older ones after it
#   series.mbox    the patches, mboxrd
#
# FILE... are the paths that are handed in.  It leaves
#
#   touched-I      the paths that patch I says it touches (numstat -z)
#   base           the K that was taken; `made-on` also has the blobs of patch 1
#   am.log         what git am said; ends in `applied` when it took all
#   commits        five fields a commit: id, name, address, subject, sign-offs
#   raw-I          the raw diff of commit I, check-I its whitespace errors
#   file-I-J       FILE J after commit I
#   series.diff    all of it as one diff
#
# A status other than 0 says that it could not be tried, not that it is wrong.
set -eu

export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 GIT_ATTR_NOSYSTEM=1
export GIT_TERMINAL_PROMPT=0 GIT_ALLOW_PROTOCOL='' GIT_EDITOR=false HOME=/nonexistent
export GIT_AUTHOR_NAME=course GIT_AUTHOR_EMAIL=course@localhost
export GIT_COMMITTER_NAME=course GIT_COMMITTER_EMAIL=course@localhost
export GIT_AUTHOR_DATE='@0 +0000' GIT_COMMITTER_DATE='@0 +0000'

# git_ WORDS... - git that runs no hook, asks no network, converts no line; a link is
# written as a plain file, so that nothing here can be led astray by one
git_() {
	git -c core.hooksPath=/dev/null -c protocol.allow=never -c core.autocrlf=false \
		-c core.symlinks=false -c core.attributesFile=/dev/null -c gc.auto=0 \
		-c core.fsmonitor=false -c commit.gpgSign=false -c am.threeWay=false \
		-c core.whitespace=blank-at-eol,space-before-tab,blank-at-eof \
		-C /build/repo "$@"
}

# make_bases() - a commit for each folder of bases/, all in one repository
make_bases() {
	mkdir repo
	git init -q --template= -b none repo
	# above every .gitattributes that a patch may bring
	mkdir -p repo/.git/info
	printf '* !text !eol !crlf !filter !ident !working-tree-encoding !diff !merge !whitespace\n' \
		>repo/.git/info/attributes
	for tree in bases/*; do
		git_ --work-tree="/build/$tree" add -A
		git_ commit -q --allow-empty -m "$tree"
		git_ tag "base-${tree#bases/}"
	done
}

# list_touched() - what each patch says of itself; a hint, since it can lie
list_touched() {
	mkdir split
	git_ mailsplit --mboxrd -d4 -o/build/split /build/series.mbox >count
	for mail in split/*; do
		number=$(printf '%s' "${mail#split/}" | sed 's/^0*//')
		git_ mailinfo --quoted-cr=strip "/build/message" "/build/patch-$number" \
			<"$mail" >/dev/null 2>&1 || true
		git_ apply --numstat -z "/build/patch-$number" >"touched-$number" 2>>touched.log || true
	done
}

# choose_base() - the base whose blobs patch 1 names, else today's
choose_base() {
	printf '0\n' >base
	git_ apply --build-fake-ancestor=/build/ancestor /build/patch-1 >/dev/null 2>&1 || return 0
	GIT_INDEX_FILE=/build/ancestor git_ ls-files -s >made-on 2>/dev/null || return 0
	for tree in bases/*; do
		if [ -z "$(GIT_INDEX_FILE=/build/ancestor git_ diff-index --cached --name-only \
			--diff-filter=AMT "base-${tree#bases/}")" ]; then
			printf '%s\n' "${tree#bases/}" >base
			return 0
		fi
	done
}

# record FILE... - what the commits really did
record() {
	number=0
	previous=base-$(cat base)
	for commit in $(git_ rev-list --reverse "$previous..HEAD"); do
		number=$((number + 1))
		git_ log -1 --format='%H%x00%an%x00%ae%x00%s%x00%(trailers:key=Signed-off-by,valueonly,separator=%x1f)%x00' \
			"$commit" | tr -d '\n' >>commits
		git_ diff-tree -r -z --no-renames --no-abbrev "$previous" "$commit" >"raw-$number"
		git_ diff-tree --check "$previous" "$commit" >"check-$number" || true
		place=0
		for file; do
			place=$((place + 1))
			git_ cat-file blob "$commit:$file" >"file-$number-$place" 2>/dev/null ||
				rm -f "file-$number-$place"
		done
		previous=$commit
	done
	git_ diff --no-renames "base-$(cat base)" HEAD >series.diff
}

cd /build
make_bases
list_touched
choose_base
git_ checkout -q -f "base-$(cat base)"
if git_ am -q --patch-format=mboxrd --quoted-cr=strip --no-keep-cr --no-scissors \
	--whitespace=nowarn --no-gpg-sign /build/series.mbox >am.log 2>&1 </dev/null; then
	printf 'applied\n' >>am.log
fi
record "$@"
