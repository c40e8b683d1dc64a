/** A machine's numbers of what the filter names; -1 where it has no such call. Source: the kernel's system call tables. */
interface Table {
  /** AUDIT_ARCH_* */
  audit: number;
  calls: Readonly<Record<DeniedCall | "clone" | "mmap", number>>;
}

/** Answers that a program knows from systems without the call, so that it takes its other way. */
const notThere = ["clone3", "io_uring_setup", "io_uring_enter", "io_uring_register"] as const;

/** What reaches other programs, the network or the kernel's own settings; inference needs none of it. */
const forbidden = [
  ...["socket", "bind", "listen", "connect", "accept", "accept4"],
  ...["ptrace", "process_vm_readv", "process_vm_writev", "kcmp", "pidfd_getfd", "perf_event_open"],
  ...["mount", "umount2", "pivot_root", "chroot", "unshare", "setns", "open_tree", "move_mount", "fsopen", "fsmount"],
  ...["bpf", "userfaultfd", "keyctl", "add_key", "request_key", "open_by_handle_at", "personality", "syslog"],
  ...["init_module", "finit_module", "delete_module", "kexec_load", "reboot", "swapon", "swapoff", "acct", "quotactl"],
  ...["settimeofday", "clock_settime", "adjtimex"],
  // Memory that no limit of the process counts.
  ...["memfd_create", "memfd_secret", "shmget", "shmat", "mq_open"],
] as const;
type DeniedCall = (typeof notThere)[number] | (typeof forbidden)[number];

const tables: Partial<Record<string, Table>> = {
  x64: {
    audit: 0xc000003e,
    calls: numbers(
      "mmap 9 shmget 29 shmat 30 socket 41 connect 42 accept 43 bind 49 listen 50 clone 56 ptrace 101 syslog 103 " +
        "personality 135 pivot_root 155 adjtimex 159 chroot 161 acct 163 settimeofday 164 mount 165 umount2 166 swapon 167 " +
        "swapoff 168 reboot 169 init_module 175 delete_module 176 quotactl 179 clock_settime 227 mq_open 240 kexec_load 246 " +
        "add_key 248 request_key 249 keyctl 250 unshare 272 accept4 288 perf_event_open 298 open_by_handle_at 304 setns 308 " +
        "process_vm_readv 310 process_vm_writev 311 kcmp 312 finit_module 313 memfd_create 319 bpf 321 userfaultfd 323",
    ),
  },
  arm64: {
    audit: 0xc00000b7,
    calls: numbers(
      "umount2 39 mount 40 pivot_root 41 chroot 51 quotactl 60 acct 89 personality 92 unshare 97 kexec_load 104 init_module 105 " +
        "delete_module 106 clock_settime 112 syslog 116 ptrace 117 reboot 142 settimeofday 170 adjtimex 171 mq_open 180 shmget 194 " +
        "shmat 196 socket 198 bind 200 listen 201 accept 202 connect 203 add_key 217 request_key 218 keyctl 219 clone 220 mmap 222 " +
        "swapon 224 swapoff 225 perf_event_open 241 accept4 242 open_by_handle_at 265 setns 268 process_vm_readv 270 " +
        "process_vm_writev 271 kcmp 272 finit_module 273 memfd_create 279 bpf 280 userfaultfd 282",
    ),
  },
};

/** Newer calls have one number on every machine. */
function numbers(list: string): Table["calls"] {
  const common =
    "io_uring_setup 425 io_uring_enter 426 io_uring_register 427 open_tree 428 move_mount 429 fsopen 430 fsmount 432 clone3 435 " +
    "pidfd_getfd 438 memfd_secret 447";
  const words = `${list} ${common}`.split(" ");
  const pairs = words.flatMap((word, at) => (at % 2 === 0 ? [[word, Number(words[at + 1])]] : []));
  return Object.fromEntries(pairs) as Table["calls"];
}

/** Offsets in the kernel's `struct seccomp_data`; a low half of an argument, as both machines are little-endian. */
const at = { call: 0, machine: 4, argument: (index: number): number => 16 + 8 * index } as const;
const op = { load: 0x20, and: 0x54, ifEqual: 0x15, ifAtLeast: 0x35, answer: 0x06 } as const;
const allow = 0x7fff0000;
const killProcess = 0x80000000;
const fail = (errno: number): number => 0x00050000 | errno;
const errno = { EPERM: 1, ENOMEM: 12, ENOSYS: 38 } as const;
/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET */
const newNamespaces = 0x7e020000;
/** MAP_SHARED and MAP_ANONYMOUS: such memory counts as a file's. */
const sharedNowhere = 0x21;
/** Bit of the x32 calls, a second set of numbers on x64. */
const x32 = 0x40000000;

type Instruction = readonly [code: number, ifTrue: number, ifFalse: number, value: number];

/**
 * The filter for the engine's process as a BPF program in the kernel's binary form, or undefined for a machine without a table.
 * It forbids by name: what the engine and Node do need differs by version, what they must never do does not.
 */
export function seccompProgram(arch: string = process.arch): Buffer | undefined {
  const table = tables[arch];
  if (table === undefined) return undefined;
  const { audit, calls } = table;
  const answer = (value: number): Instruction => [op.answer, 0, 0, value];
  const load = (offset: number): Instruction => [op.load, 0, 0, offset];
  const deny = (call: DeniedCall, code: number): Instruction[] => [[op.ifEqual, 0, 1, calls[call]], answer(fail(code))];
  const program: Instruction[] = [
    load(at.machine),
    [op.ifEqual, 1, 0, audit],
    answer(killProcess),
    load(at.call),
    [op.ifAtLeast, 0, 1, x32],
    answer(fail(errno.ENOSYS)),
    ...notThere.flatMap((call) => deny(call, errno.ENOSYS)),
    ...forbidden.flatMap((call) => deny(call as DeniedCall, errno.EPERM)),
    // A new process may be made, a new namespace not.
    ...([
      [op.ifEqual, 0, 5, calls.clone],
      load(at.argument(0)),
      [op.and, 0, 0, newNamespaces],
      [op.ifEqual, 1, 0, 0],
      answer(fail(errno.EPERM)),
      answer(allow),
    ] satisfies Instruction[]),
    ...([
      [op.ifEqual, 0, 4, calls.mmap],
      load(at.argument(3)),
      [op.and, 0, 0, sharedNowhere],
      [op.ifEqual, 0, 1, sharedNowhere],
      answer(fail(errno.ENOMEM)),
    ] satisfies Instruction[]),
    answer(allow),
  ];
  const bytes = Buffer.alloc(program.length * 8);
  program.forEach(([code, ifTrue, ifFalse, value], index) => {
    bytes.writeUInt16LE(code, index * 8);
    bytes.writeUInt8(ifTrue, index * 8 + 2);
    bytes.writeUInt8(ifFalse, index * 8 + 3);
    bytes.writeUInt32LE(value, index * 8 + 4);
  });
  return bytes;
}
