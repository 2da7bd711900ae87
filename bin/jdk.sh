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

jdk_find() {
  if [ -n "${JAVA_HOME:-}" ] && jdk_good "$JAVA_HOME"; then return 0; fi
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

jdk_pinned() { # sets url and sha256 for this machine
  url=${FRESHET_JDK_URL:-}
  sha256=${FRESHET_JDK_SHA256:-}
  [ -n "$url" ] && [ -n "$sha256" ] && return 0
  case "$(uname -s)-$(uname -m)" in
  Linux-x86_64) platform=x64_linux sha256=e58fcdcd637b25c03ca84cbbcefc70d11efb8f4b4cbd05decc9f661769d77f94 ;;
  Linux-aarch64) platform=aarch64_linux sha256=621f7196f0b682fb557da58bec89bd7dfe5419811fe1c0ba75c9cc8432f084c7 ;;
  Darwin-x86_64) platform=x64_mac sha256=a5ac9c46dad47ac06df35e36d096913195d8da1f3f71918828bcc2cfe33869b7 ;;
  Darwin-arm64) platform=aarch64_mac sha256=5a101c54abf5a9f16c0f70d8c38ba99e6567c1ba213378f0bb04497284f051bd ;;
  *) return 1 ;;
  esac
  file=OpenJDK25U-jdk_${platform}_hotspot_$(echo "${JDK_RELEASE#jdk-}" | tr '+' '_').tar.gz
  url=$JDK_BASE/$(echo "$JDK_RELEASE" | sed 's/+/%2B/')/$file
}

jdk_wanted() { # whether the person wants one fetched
  [ "${FRESHET_GET_JDK:-}" = yes ] && return 0
  [ -t 0 ] && [ -t 2 ] || return 1
  printf 'Freshet needs a JDK 25, and there is none here. Download Temurin 25 (about 140 MB) into %s? [y/N] ' "$(jdk_cache)" >&2
  read -r answer
  case "$answer" in [yY]*) return 0 ;; *) return 1 ;; esac
}

jdk_fetch() {
  if ! jdk_pinned || ! jdk_wanted; then
    echo "freshet: no JDK 25 or newer was found; install one (https://adoptium.net/temurin/releases/?version=25) and set JAVA_HOME, or set FRESHET_GET_JDK=yes to have it downloaded" >&2
    return 1
  fi
  cache=$(jdk_cache)
  part=$cache/.part.$$
  mkdir -p "$part"
  trap 'rm -rf "$part"' EXIT
  echo "Downloading a JDK from $url …" >&2
  if ! curl -fsSL --retry 2 -o "$part/jdk.tar.gz" "$url"; then
    echo "freshet: the JDK could not be downloaded; check the network, or install a JDK 25 and set JAVA_HOME" >&2
    return 1
  fi
  sum=$( (sha256sum "$part/jdk.tar.gz" 2>/dev/null || shasum -a 256 "$part/jdk.tar.gz") | cut -d ' ' -f 1)
  if [ "$sum" != "$sha256" ]; then
    echo "freshet: the downloaded JDK is not the expected file (SHA-256 $sum, expected $sha256); it was deleted. Install a JDK 25 and set JAVA_HOME" >&2
    return 1
  fi
  mkdir "$part/jdk" && tar -xzf "$part/jdk.tar.gz" -C "$part/jdk" || return 1
  for root in "$part"/jdk/*; do
    target=$cache/${root##*/}
    [ -e "$target" ] || mv "$root" "$target"
    for home in "$target" "$target/Contents/Home"; do
      if jdk_good "$home"; then
        JAVA_HOME=$home
        rm -rf "$part"
        trap - EXIT
        return 0
      fi
    done
  done
  echo "freshet: what was downloaded is no JDK 25; install one and set JAVA_HOME" >&2
  return 1
}

jdk() {
  jdk_find || jdk_fetch || return 1
  export JAVA_HOME
}

# Maven by the wrapper; where that cannot download it, the one on the path.
maven() {
  if [ -z "${MAVEN:-}" ]; then
    MAVEN=$ROOT/mvnw
    if ! "$MAVEN" -v >/dev/null 2>&1; then
      MAVEN=$(command -v mvn) || {
        echo "freshet: Maven could not be downloaded, and there is no mvn on the path; install Maven 3.8 or newer" >&2
        return 1
      }
      echo "Maven's wrapper could not download it; using $MAVEN." >&2
    fi
  fi
  # Maven's own libraries use what the JDK warns about; that is not for people to read.
  MAVEN_OPTS="--sun-misc-unsafe-memory-access=allow --enable-native-access=ALL-UNNAMED ${MAVEN_OPTS:-}" "$MAVEN" "$@"
}

commit() { git -C "$ROOT" rev-parse --short HEAD 2>/dev/null || echo unknown; }
