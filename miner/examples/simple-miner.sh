#!/bin/sh
# A miner in one script: polls a coordinator over HTTP with curl and jq, and earns for its wallet.
# Settings come from the environment, or from a file given as the first argument (NAME=value lines, mode 600).
#   COORD_URL, API_KEY (of scope miner), WALLET_ADDR, MINER_ID, WORK_DIR
#   TEXT_COMMAND   reads a prompt on its input and writes the answer; without it only benchmarks are taken
#   HEARTBEAT_SECS=20 JOB_POLL_SECS=3 ACCEL_MODE=cpu, MAX_JOBS=0 (ends after so many jobs; 0 never)
set -u
[ $# -gt 0 ] && { set -a; . "$1"; set +a; }
: "${COORD_URL:?where the coordinator is}" "${API_KEY:?a key of scope miner}"
MINER_ID=${MINER_ID:-$(uname -n)}
WORK_DIR=${WORK_DIR:-$(mktemp -d)}
HEARTBEAT_SECS=${HEARTBEAT_SECS:-20} JOB_POLL_SECS=${JOB_POLL_SECS:-3}
MODE=${ACCEL_MODE:-cpu} MAX_JOBS=${MAX_JOBS:-0} TEXT_COMMAND=${TEXT_COMMAND:-}
mkdir -p "$WORK_DIR"

# The key goes by a file: a command line can be read by every user of the machine.
umask 077
printf 'header = "Authorization: Bearer %s"\n' "$API_KEY" > "$WORK_DIR/curl.conf"
trap 'rm -f "$WORK_DIR/curl.conf"; kill "${beats:-}" 2>/dev/null' EXIT
trap 'exit 0' INT TERM

# Prints the answer's body; the status goes to a file of its own.
call() {
  curl -sS --max-time 60 -K "$WORK_DIR/curl.conf" -H 'Content-Type: application/json' \
    -o "$WORK_DIR/answer.$1" -w '%{http_code}' -X "$2" ${4:+--data-binary "@$4"} "$COORD_URL$3" > "$WORK_DIR/status.$1"
}

heartbeat() {
  jq -n --arg id "$MINER_ID" --arg wallet "${WALLET_ADDR:-}" --arg mode "$MODE" --arg text "$TEXT_COMMAND" \
    '{miner_id: $id, mode: $mode, gpu: null, workloads: (["benchmark"] + if $text == "" then [] else ["text"] end)}
     + if $wallet == "" then {} else {wallet: $wallet} end' > "$WORK_DIR/beat.json"
  call beat POST /v1/miner/heartbeat "$WORK_DIR/beat.json"
}

# Hashes of hashes, from what the job says: the same input gives the same result everywhere.
benchmark() {
  sum=$(printf %s "$1" | sha256sum | cut -d' ' -f1)
  i=0
  while [ $i -lt 50 ]; do sum=$(printf %s "$sum" | sha256sum | cut -d' ' -f1); i=$((i + 1)); done
  printf %s "$sum"
}

work() {
  id=$(jq -r .id "$1") workload=$(jq -r .workload "$1")
  jq -rj .input.prompt "$1" > "$WORK_DIR/prompt"
  began=$(date +%s)
  case $workload in
    benchmark) benchmark "$(cat "$WORK_DIR/prompt")" > "$WORK_DIR/output" ;;
    text) sh -c "$TEXT_COMMAND" < "$WORK_DIR/prompt" > "$WORK_DIR/output" || return 1 ;;
    *) return 1 ;;
  esac
  sha=$(sha256sum < "$WORK_DIR/output" | cut -d' ' -f1)
  jq -n --arg id "$id" --arg mode "$MODE" --arg sha "$sha" --arg workload "$workload" --rawfile output "$WORK_DIR/output" \
    --argjson seconds $(($(date +%s) - began)) \
    '{id: $id, mode: $mode, output_sha: $sha, metrics: {seconds: $seconds}}
     + if $workload == "text" then {output: $output} else {} end' > "$WORK_DIR/proof.json"
  tries=0
  while [ $tries -lt 5 ]; do
    # The same proof again gets the same answer: what the network lost is sent again.
    call proof POST /v1/miner/proof "$WORK_DIR/proof.json" && case $(cat "$WORK_DIR/status.proof") in
      200) jq -c . "$WORK_DIR/answer.proof"; return 0 ;;
      4*) jq -c .error "$WORK_DIR/answer.proof" >&2; return 1 ;;
    esac
    tries=$((tries + 1))
    sleep "$JOB_POLL_SECS"
  done
  return 1
}

heartbeat
# Heartbeats go on while a job runs.
while sleep "$HEARTBEAT_SECS"; do heartbeat; done &
beats=$!
jobs=0
while :; do
  if call next GET "/v1/miner/next?miner=$MINER_ID&slots=1" && [ "$(cat "$WORK_DIR/status.next")" = 200 ]; then
    work "$WORK_DIR/answer.next"
    jobs=$((jobs + 1))
    [ "$MAX_JOBS" -gt 0 ] && [ $jobs -ge "$MAX_JOBS" ] && exit 0
  else
    [ "$(cat "$WORK_DIR/status.next" 2>/dev/null)" = 404 ] && heartbeat
    sleep "$JOB_POLL_SECS"
  fi
done
