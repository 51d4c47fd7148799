#!/bin/sh
# Builds what is handed out: wheel, sdist, and one archive with a program that needs nothing else.
# From the project's root: build.sh BIN [FOLDER], with the environment's bin folder; into FOLDER/dist, by way of FOLDER/build.
set -eu
bin=$1
folder=${2:-.}
version=$("$bin/python" -c 'from importlib.metadata import version; print(version("chatgpt-dingtalk"))')
platform=$("$bin/python" -c 'import platform; print(f"{platform.system()}-{platform.machine()}".lower())')
name=chatgpt-dingtalk-$version-$platform
work=$folder/build dist=$folder/dist

rm -rf "$work" "$dist"
"$bin/python" -m hatchling build --directory "$dist"
"$bin/pyinstaller" --noconfirm --log-level ERROR --distpath "$work/program" --workpath "$work/work" \
    deploy/program/chatgpt-dingtalk.spec
mv "$work/program/chatgpt-dingtalk" "$work/program/$name"
cp LICENSE README.md README.zh-CN.md config.example.yml "$work/program/$name/"
tar -czf "$dist/$name.tar.gz" -C "$work/program" "$name"
(cd "$dist" && sha256sum -- * > SHA256SUMS)
ls -l "$dist"
