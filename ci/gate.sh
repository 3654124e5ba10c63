#!/usr/bin/env bash
# Runs leaklab as a gate, on any machine of continuous integration:
#
#   ci/gate.sh ./checkout.yaml
#   ci/gate.sh ./checkout.yaml --base origin/main
#
# The arguments are those of leaklab run. Results go to LEAKLAB_OUT (leaklab-out):
# the run, leaklab.xml for the list of tests, leaks.sarif for code scanning and
# comment.md for a pull request. The exit code is leaklab's: 0 pass, 3 a leak, 4
# inconclusive, 2 and 1 no verdict. With a base, which is --base REVISION or, in
# LEAKLAB_BASE_RUN, the directory of an earlier run, only what is worse than that
# exits 3. LEAKLAB names the command, if it is not leaklab.
set -euo pipefail

leaklab=${LEAKLAB:-leaklab}
out=${LEAKLAB_OUT:-leaklab-out}
largest=65000 # bytes of a comment: GitHub takes 65 536

base=${LEAKLAB_BASE_RUN:-}
report_only=
for argument in "$@"; do
  case $argument in
    --report-only) report_only=$argument ;;
    --base | --base=*) base=$out ;;
  esac
done

# ran ends the gate where leaklab came to no verdict.
ran() {
  case $code in 0 | 3 | 4) ;; *) exit "$code" ;; esac
}

rm -f "$out/compare.md" "$out/comment.md"
code=0
"$leaklab" run "$@" --out "$out" --force \
  --report "junit=$out/leaklab.xml" --report "sarif=$out/leaks.sarif" || code=$?
ran

comment=("$out/report.md")
if [ -n "$base" ]; then
  runs=("$base" "$out")
  [ "$base" != "$out" ] || runs=("$out") # it has its base in it
  code=0
  "$leaklab" compare "${runs[@]}" ${report_only:+"$report_only"} || code=$?
  ran
  "$leaklab" compare "${runs[@]}" --format markdown -o "$out/compare.md" || true # its exit code is known
  comment=("$out/compare.md" "$out/report.md")
fi
if [ "$(cat "${comment[@]}" | wc -c)" -gt "$largest" ]; then
  comment=("${comment[0]}")
fi
cat "${comment[@]}" >"$out/comment.md"
exit "$code"
