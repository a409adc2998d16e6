#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What the completion of bash offers.  test_completion.sh TOP
source "$1/data/completion/virtcard" || exit 1

folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
touch 'a.xml' 'b c.xml' && mkdir sub
count=0 status=0

# offers WANT WORD... : the last word is the one being completed
offers ()
{
  local want=$1 got
  shift
  COMP_WORDS=("virtcard" "$@")
  COMP_CWORD=$#
  _virtcard
  got=$(printf '%s\n' "${COMPREPLY[@]}" | sort | paste -sd '|')
  if [[ $got == "$want" ]]; then
    echo "ok $((++count)) - $*"
  else
    echo "not ok $((++count)) - $*"
    echo "# got  $got"
    echo "# want $want"
    status=1
  fi
}

# asks WORDS : how the command was called by the completion before
asks ()
{
  if [[ $(< asked) == "$1" ]]; then
    echo "ok $((++count)) - asks $1"
  else
    echo "not ok $((++count)) - asks $1, not $(< asked)"
    status=1
  fi
}

# What a command is asked for the names of guests.
virtcard ()
{
  echo "$*" > asked
  printf '%s\n' web 'web two' db
}

offers 'normalize' n
offers "schema" sc
offers 'pki-check|pki-client|pki-init|pki-server|pki-show' pki
offers 'check|client' pki c
offers '--connect|--days|--dir|--fingerprint|--force|--help|--libvirt|--name|--password-file|--root|--rsa|--user|--version' pki init --
offers 'sub' pki check s
offers 'client|server' pki-check --end ''
offers 'validate' va
offers '' nothing-like-this
offers '--root' --ro
offers '--connect|--fingerprint|--help|--password-file|--root|--user|--version' --
offers '--connect|--file|--fingerprint|--help|--host|--password-file|--root|--user|--version' validate --
offers 'qemu-argv' domxml-to-native ''
offers 'qemu-argv' domxml-to-native --format ''
offers 'a.xml' domxml-to-native qemu-argv a
offers 'a.xml|b c.xml|sub' domxml-to-native qemu-argv --xml ''
offers '' domxml-to-native qemu-argv a.xml ''
offers 'a.xml|b c.xml|sub' validate ''
offers 'b c.xml' validate a.xml b
offers 'a.xml' validate a.xml 'b c.xml' a
offers 'a.xml' validate -- a
offers '' validate -- --
offers 'sub' --root ''
offers 'sub' --root = s
offers 'sub' --root =
offers 'sub' validate --root ''
offers 'normalize' --root sub no
offers 'normalize' --root = sub no
offers 'normalize' help no
offers '' help normalize n
offers 'web|web\ two' start w
offers 'db|web|web\ two' domstats web ''
offers '' start web ''
offers 'db' event --domain d
offers '' -c ''
offers 'db' -c qemu:///system start d
asks '-c qemu:///system list --all --name'
offers 'db' --root = sub start d
asks '--root sub list --all --name'
offers 'db' start d
asks 'list --all --name'
echo "1..$count"
exit $status
