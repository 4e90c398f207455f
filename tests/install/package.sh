#!/usr/bin/env bash
# Makes the Debian package from a finished build, looks into it, and runs what is in it from a folder:
# tests/install/package.sh BUILD_FOLDER
set -euo pipefail
build=$(cd "$1" && pwd)
cpack=${CPACK:-cpack}
for tool in dpkg-deb dpkg-shlibdeps file gzip; do
    command -v "$tool" > /dev/null ||
        { echo "skipped: $tool is not installed (apt-get install dpkg-dev file)"; exit 77; }
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "package: $*"; exit 1; }

"$cpack" --config "$build/CPackConfig.cmake" -B "$work/made" > "$work/log" 2>&1 || { cat "$work/log"; exit 1; }
debs=("$work"/made/*.deb)
[[ ${#debs[@]} == 1 && ${debs[0]} == */strata_*_$(dpkg --print-architecture).deb ]] ||
    fail "not one package: ${debs[*]}"
deb=${debs[0]}

echo "== what is in it"
dpkg-deb -c "$deb" | tee "$work/list"
for file in bin/strata share/man/man1/strata.1.gz share/man/man1/strata-get.1.gz \
    share/bash-completion/completions/strata \
    share/zsh/vendor-completions/_strata share/fish/vendor_completions.d/strata.fish \
    share/doc/strata/copyright share/doc/strata/LICENSE share/doc/strata/README.md \
    share/doc/strata/docs/architecture.md; do
    grep -q " \./usr/$file\$" "$work/list" || fail "no /usr/$file"
done
! grep -qE '\.(hpp|a|cmake|pc)$|/usr/local' "$work/list" || fail "what is for embedders is in it"
awk '$2 != "root/root" { exit 1 }' "$work/list" || fail "something does not belong to root"

echo "== what it needs"
depends=$(dpkg-deb -f "$deb" Depends)
echo "$depends"
for library in libc6 libstdc++6 libfmt9 libssl3 libpcap0.8; do
    grep -qE "(^|, )${library//+/\\+} " <<< "$depends, " || fail "it does not depend on $library"
done
for field in Package Version Architecture Maintainer Description; do
    [[ -n $(dpkg-deb -f "$deb" "$field") ]] || fail "it has no $field"
done

echo "== installed below a folder"
dpkg-deb -x "$deb" "$work/root"
strata=$work/root/usr/bin/strata
! ldd "$strata" | grep -F 'not found' || fail "libraries are missing"
[[ $("$strata" --version) == "strata $(dpkg-deb -f "$deb" Version) "* ]] ||
    fail "it is another version: $("$strata" --version)"
"$strata" help get --man | cmp - <(gzip -cd "$work/root/usr/share/man/man1/strata-get.1.gz")
"$strata" help --completion zsh | cmp - "$work/root/usr/share/zsh/vendor-completions/_strata"
"$strata" talk connect "unix:$work/nobody" --message hello 2> "$work/said" && fail "it talked to nobody"
grep -q '^strata: cannot connect to unix:' "$work/said" || fail "it says: $(< "$work/said")"
echo "package: $(basename "$deb") is whole"
