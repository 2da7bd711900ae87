# Finds a JDK 25 or newer, or fetches one. Sourced by `freshet` and `check`; sets JAVA_HOME.

jdk_version() { # the feature version of the JDK at $1, from its `release` file: no JVM is started
  [ -x "$1/bin/java" ] && [ -x "$1/bin/javac" ] && [ -r "$1/release" ] || return 1
  while IFS='=' read -r key value; do
    if [ "$key" = JAVA_VERSION ]; then
      value=${value#\"}
      value=${value%%[.\"+-]*}
      echo "$value"
      return 0
    fi
  done <"$1/release"
  return 1
}

jdk_good() {
  version=$(jdk_version "$1") || return 1
  [ "$version" -ge 25 ] 2>/dev/null
}

jdk_cache() { echo "${XDG_CACHE_HOME:-$HOME/.cache}/freshet/jdk"; }

jdk_places() { # where JDKs usually lie; FRESHET_JDK_SEARCH, for tests, names other folders
  if [ -n "${FRESHET_JDK_SEARCH+set}" ]; then
    for place in $FRESHET_JDK_SEARCH; do echo "$place"; done
  else
    for place in /usr/lib/jvm/* /opt/*jdk* /opt/java/* "$HOME"/.sdkman/candidates/java/* "$HOME"/.jdks/* \
      "$HOME"/Library/Java/JavaVirtualMachines/*/Contents/Home /Library/Java/JavaVirtualMachines/*/Contents/Home; do
      echo "$place"
    done
    java=$(command -v java) && java=$(readlink -f "$java" 2>/dev/null) && echo "${java%/bin/java}"
  fi
  for place in "$(jdk_cache)"/* "$(jdk_cache)"/*/Contents/Home; do echo "$place"; done
}

jdk_find() { # FRESHET_JAVA_HOME is for those whose JAVA_HOME must stay another
  for home in "${FRESHET_JAVA_HOME:-}" "${JAVA_HOME:-}"; do
    if [ -n "$home" ] && jdk_good "$home"; then
      JAVA_HOME=$home
      return 0
    fi
  done
  found=$(jdk_places | while IFS= read -r place; do
    if jdk_good "$place"; then
      echo "$place"
      break
    fi
  done)
  [ -n "$found" ] && JAVA_HOME=$found
}

# The pinned Temurin: Adoptium's release, with the SHA-256 that Adoptium published for each file.
JDK_RELEASE=jdk-25.0.4+7
JDK_BASE=https://github.com/adoptium/temurin25-binaries/releases/download

jdk_pinned() { # sets url and sha256 for this machine; a mirror may give the same file, or another by its own sum
  case "$(uname -s)-$(uname -m)" in
  Linux-x86_64) platform=x64_linux sha256=e58fcdcd637b25c03ca84cbbcefc70d11efb8f4b4cbd05decc9f661769d77f94 ;;
  Linux-aarch64) platform=aarch64_linux sha256=621f7196f0b682fb557da58bec89bd7dfe5419811fe1c0ba75c9cc8432f084c7 ;;
  Darwin-x86_64) platform=x64_mac sha256=a5ac9c46dad47ac06df35e36d096913195d8da1f3f71918828bcc2cfe33869b7 ;;
  Darwin-arm64) platform=aarch64_mac sha256=5a101c54abf5a9f16c0f70d8c38ba99e6567c1ba213378f0bb04497284f051bd ;;
  *) platform= sha256= ;;
  esac
  # Alpine's C library cannot run these files.
  if [ -e /etc/alpine-release ]; then platform=; fi
  file=OpenJDK25U-jdk_${platform}_hotspot_$(echo "${JDK_RELEASE#jdk-}" | tr '+' '_').tar.gz
  url=${FRESHET_JDK_URL:-${platform:+$JDK_BASE/$(echo "$JDK_RELEASE" | sed 's/+/%2B/')/$file}}
  sha256=${FRESHET_JDK_SHA256:-$sha256}
  [ -n "$url" ] && [ -n "$sha256" ]
}

jdk_wanted() { # whether the person wants one fetched
  [ "${FRESHET_GET_JDK:-}" = yes ] && return 0
  [ -t 0 ] && [ -t 2 ] || return 1
  printf 'Freshet needs a JDK 25, and there is none here. Download Temurin 25 (about 140 MB) into %s? [y/N] ' "$(jdk_cache)" >&2
  read -r answer
  case "$answer" in [yY]*) return 0 ;; *) return 1 ;; esac
}

jdk_failed() { # says why, in one line; nothing stays of what was fetched
  echo "freshet: $1; install a JDK 25 (https://adoptium.net/temurin/releases/?version=25) and set JAVA_HOME" >&2
  rm -rf "$part"
  return 1
}

download() { # $1 to the file $2, by what there is; sets why where it fails; a terminal sees how far it is
  why=
  if command -v curl >/dev/null 2>&1; then
    if [ -t 2 ]; then
      curl -f -L --progress-bar -o "$2" "$1"
    else
      why=$(curl -f -L --silent --retry 2 -w '%{errormsg}' -o "$2" "$1")
    fi
  elif command -v wget >/dev/null 2>&1; then
    wget -q -O "$2" "$1"
  else
    why="there is neither curl nor wget"
    return 1
  fi
}

jdk_unpack() { # the archive at $part, into the cache: whole or not at all
  mkdir "$part/jdk" && tar -xzf "$part/jdk.tar.gz" -C "$part/jdk" 2>/dev/null || return 1
  for root in "$part"/jdk/*; do
    target=$cache/${root##*/}
    [ -e "$target" ] || mv "$root" "$target" || return 1
    for home in "$target" "$target/Contents/Home"; do
      if jdk_good "$home"; then
        JAVA_HOME=$home
        return 0
      fi
    done
    rm -rf "$target"
  done
  return 1
}

jdk_fetch() {
  part=
  if ! jdk_pinned; then
    jdk_failed "no JDK 25 or newer was found, and there is none to download for this machine"
    return 1
  fi
  if ! jdk_wanted; then
    echo "freshet: no JDK 25 or newer was found; install one (https://adoptium.net/temurin/releases/?version=25) and set JAVA_HOME, or set FRESHET_GET_JDK=yes to have it downloaded" >&2
    return 1
  fi
  cache=$(jdk_cache)
  part=$cache/.part.$$
  if ! mkdir -p "$part"; then
    jdk_failed "the folder $cache cannot be written"
    return 1
  fi
  trap 'rm -rf "$part"; exit 130' INT TERM
  echo "Downloading a JDK from $url …" >&2
  if ! download "$url" "$part/jdk.tar.gz"; then
    jdk_failed "the JDK could not be downloaded${why:+ ($why)}"
    return 1
  fi
  sum=$( (sha256sum "$part/jdk.tar.gz" 2>/dev/null || shasum -a 256 "$part/jdk.tar.gz") | cut -d ' ' -f 1)
  if [ "$sum" != "$sha256" ]; then
    jdk_failed "the downloaded JDK is not the expected file (SHA-256 $sum, expected $sha256) and was deleted"
    return 1
  fi
  if ! jdk_unpack; then
    jdk_failed "what was downloaded could not be unpacked, or is no JDK 25"
    return 1
  fi
  rm -rf "$part"
  trap - INT TERM
}

jdk() {
  jdk_find || jdk_fetch || return 1
  export JAVA_HOME
}

maven_find() { # sets MAVEN: the wrapper; where that cannot download Maven, the one on the path
  MAVEN=$ROOT/mvnw
  "$MAVEN" -v >/dev/null 2>&1 && return 0
  if ! MAVEN=$(command -v mvn); then
    echo "freshet: Maven could not be downloaded, and there is no mvn on the path; check the network, or install Maven 3.8 or newer" >&2
    return 1
  fi
  echo "Maven could not be downloaded; using $MAVEN." >&2
}

maven() {
  # Maven's own libraries use what the JDK warns about; that is not for people to read.
  MAVEN_OPTS="--sun-misc-unsafe-memory-access=allow --enable-native-access=ALL-UNNAMED ${MAVEN_OPTS:-}" "$MAVEN" "$@"
}

commit() { git -C "$ROOT" rev-parse --short HEAD 2>/dev/null || echo unknown; }
