# Builds the benchmarks, to run one of them: . "$(dirname "$0")/build.sh", then `run CLASS ARGUMENTS`.
set -eu
ROOT=$(cd "$(dirname "$0")/.." && pwd)
cd "$ROOT"
. "$ROOT/bin/jdk.sh"
jdk && maven_find || exit 1
export JAVA_HOME
maven -q -B -Dquick -Dmaven.test.skip -Dspotless.check.skip -Dmdep.outputFile=target/classpath -pl bench -am \
  package org.apache.maven.plugins:maven-dependency-plugin:3.11.0:build-classpath
run() { exec "$JAVA_HOME/bin/java" -cp "bench/target/classes:$(cat bench/target/classpath)" "$@"; }
