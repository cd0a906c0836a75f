import CairnLMDB
import Foundation

// Proves what Cairn says of its storage, or finds where it does not hold. The tests start it,
// because what it looks at may end a process.
//
//     CairnProofChild FOLDER images PART FIRST LIVES COUNT
//     CairnProofChild FOLDER mutants SEED
//     CairnProofChild FOLDER failed FIRST REST PARTS LIVES
//     CairnProofChild FOLDER killed FIRST REST PARTS LIVES
//     CairnProofChild FOLDER append CALL kill|full JOURNAL
//     CairnProofChild FOLDER base TURNS
//     CairnProofChild FOLDER damage BASE FIRST END
//     CairnProofChild FOLDER faults FIRST REST PARTS LIVES
//     CairnProofChild FOLDER write COUNT JOURNAL
//     CairnProofChild FOLDER read inside|between JOURNAL
//
// The folder is empty, and the child's own. What it writes to its output is told in `Output`.

// Some of them are meant to die of a signal, and nobody wants their memory on the disk.
var noCore = rlimit(rlim_cur: 0, rlim_max: 0)
setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &noCore)

let arguments = Array(CommandLine.arguments.dropFirst())
guard arguments.count >= 2 else { exit(64) }
let folder = arguments[0]
let numbers = arguments.dropFirst(2).compactMap { Int($0) }

switch (arguments[1], numbers.count) {
case ("images", 4):
    let watchdog = Watchdog()
    for life in 0..<numbers[2] {
        let seed = UInt64(numbers[0] + 2 * life)
        let run = ImageRun(seed: seed, scratch: folder, watchdog: watchdog)
        try await run.run(from: numbers[1], numberedFrom: life * 1_000_000, countMax: numbers[3])
    }
    // A life of commits that are all alike, crashed again and again.
    let uniform = ImageRun(
        seed: UInt64(2_000 + numbers[0]),
        turnCount: 20,
        isUniform: true,
        nestedStride: 6,
        scratch: folder,
        watchdog: watchdog
    )
    try await uniform.run(
        from: numbers[1],
        numberedFrom: (numbers[2] + 1) * 1_000_000,
        countMax: numbers[3] / 5
    )
    // A short life with a commit that is flushed without a seal.
    let run = ImageRun(
        seed: UInt64(1_000 + numbers[0]),
        turnCount: 4,
        largeTurn: 2,
        scratch: folder,
        watchdog: watchdog
    )
    try await run.run(
        from: numbers[1],
        numberedFrom: numbers[2] * 1_000_000,
        countMax: numbers[3] / 10
    )
case ("mutants", 1):
    let run = ImageRun(seed: UInt64(numbers[0]), scratch: folder, watchdog: Watchdog())
    try await run.runMutants()
case ("failed", 4):
    let watchdog = Watchdog()
    for life in 0..<numbers[3] {
        let run = FailedFlushRun(life: life, scratch: folder, watchdog: watchdog)
        try await run.run(from: numbers[0], rest: numbers[1], of: numbers[2])
    }
case ("killed", 4):
    let watchdog = Watchdog()
    for life in 0..<numbers[3] {
        let run = KilledWriterRun(life: life, scratch: folder, watchdog: watchdog)
        try await run.run(from: numbers[0], rest: numbers[1], of: numbers[2])
    }
case ("append", 1):
    try await KilledWriterRun.append(
        arguments[4],
        ending: arguments[3] == "kill" ? .killed : .full,
        at: numbers[0]
    )
case ("base", 1):
    try await DamageRun.makeBase(at: folder + "/journal", turnCount: numbers[0])
case ("damage", 2):
    let run = try DamageRun(base: arguments[2], scratch: folder)
    try await run.run(numbers[0]..<numbers[1], Watchdog())
case ("faults", 4):
    let watchdog = Watchdog()
    for life in 0..<numbers[3] {
        let run = FaultRun(life: life, scratch: folder)
        try await run.run(from: numbers[0], rest: numbers[1], of: numbers[2], watchdog)
    }
case ("write", 1):
    try await ReaderRun.write(arguments[3], numbers[0])
case ("read", 0):
    try ReaderRun.read(arguments[3], isInside: arguments[2] == "inside")
default: exit(64)
}
