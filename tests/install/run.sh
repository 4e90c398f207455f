#!/usr/bin/env bash
# Installs the package from a finished build into a folder of its own and builds a small program against it, once by
# find_package and once by pkg-config: tests/install/run.sh BUILD_FOLDER. A second one includes all headers that have
# moved by their old names.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$1" && pwd)
cmake=${CMAKE:-cmake}
export CXX=${CXX:-g++}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$cmake" --install "$build" --prefix "$work/prefix" > "$work/install.log" || { cat "$work/install.log"; exit 1; }
prefix=$work/prefix
[[ -d $prefix/include/strata/0_foundation ]] || { echo "install: no headers"; exit 1; }
if find "$prefix/include/strata" -path '*/cli/*' | grep -q .; then
    echo "install: headers of the program were installed"
    exit 1
fi

for file in bin/strata share/man/man1/strata.1 share/man/man1/strata-get.1 share/bash-completion/completions/strata \
    share/zsh/site-functions/_strata share/fish/vendor_completions.d/strata.fish \
    share/doc/strata/LICENSE share/doc/strata/README.md share/doc/strata/docs/architecture.md; do
    [[ -s $prefix/$file ]] || { echo "install: no $file"; exit 1; }
done
# The pages that are installed are those of the program that is.
"$prefix/bin/strata" help get --man | cmp - "$prefix/share/man/man1/strata-get.1"

# A file that is in the build tree only must not be needed: sources elsewhere, include paths from the package alone.
mkdir "$work/consumer"
cp "$here"/consumer/* "$work/consumer/"

# Each header that has moved is installed under its old name too, and only there.
source=$here/../..
while read -r old new _; do
    [[ ! -e $source/$old ]] || { echo "install: cmake/moved_headers.txt: $old has not moved"; exit 1; }
    [[ -s $source/$new ]] || { echo "install: cmake/moved_headers.txt: there is no $new"; exit 1; }
    grep -qx "#include \"$new\"" "$prefix/include/$old" || { echo "install: $old does not lead to $new"; exit 1; }
    echo "#include \"$old\"" >> "$work/consumer/moved_headers.hpp"
done < <(grep '^strata/' "$source/cmake/moved_headers.txt")

echo "== find_package"
"$cmake" -S "$work/consumer" -B "$work/by_cmake" -G Ninja -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_BUILD_TYPE=Debug \
    > "$work/configure.log" 2>&1 || { cat "$work/configure.log"; exit 1; }
"$cmake" --build "$work/by_cmake"
"$work/by_cmake/consumer"
"$work/by_cmake/consumer_tls"
"$work/by_cmake/consumer_moved"

echo "== pkg-config"
pc=$(find "$prefix" -name strata.pc)
export PKG_CONFIG_PATH
PKG_CONFIG_PATH=$(dirname "$pc")
version=$(pkg-config --modversion strata)
# shellcheck disable=SC2046  # flags are words
"$CXX" -std=c++23 "$work/consumer/consumer.cpp" -o "$work/by_pkg_config" \
    $(pkg-config --cflags --libs strata)
"$work/by_pkg_config"
# shellcheck disable=SC2046
"$CXX" -std=c++23 "$work/consumer/consumer_tls.cpp" -o "$work/by_pkg_config_tls" \
    $(pkg-config --cflags --libs strata_asio_ssl)
"$work/by_pkg_config_tls"
echo "install: strata $version can be built against"
