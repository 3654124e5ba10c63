#!/usr/bin/env bash
# Posts a report on a pull request, or edits the one that is there:
#
#   ci/comment.sh leaklab-out/comment.md NUMBER
#
# The first line of the report is a marker that stays the same from run to run; a
# comment of a bot that begins with it is edited in place. Needs gh, a token in
# GH_TOKEN that may write to pull requests, and GITHUB_REPOSITORY.
set -euo pipefail

[ $# -eq 2 ] || { echo 'usage: ci/comment.sh FILE NUMBER' >&2; exit 2; }
file=$1
number=$2
marker=$(head -n 1 "$file")
case $marker in
  '<!-- leaklab:'*' -->') ;;
  *) echo "comment: error: $file does not begin with the marker of a report" >&2; exit 2 ;;
esac
export MARKER=$marker

comments=repos/$GITHUB_REPOSITORY/issues/$number/comments
id=$(gh api "$comments" --paginate \
  --jq '.[] | select(.user.type == "Bot" and (.body | startswith(env.MARKER))) | .id')
id=${id%%$'\n'*} # the oldest, should there be several
if [ -n "$id" ]; then
  gh api --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$id" -F "body=@$file" --jq .html_url
else
  gh api --method POST "$comments" -F "body=@$file" --jq .html_url
fi
