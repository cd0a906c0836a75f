import CairnGallery
import CairnTesting
import Foundation

// Prints how fast the harness runs commands, and how long it takes to find each bug of the gallery
// and to bring it down to the simplest case:
//
//     swift run -c release CairnDetection [NAME]
//
// With a part of a name, only those whose names have it.
// Ends with 1 where a bug is not found from every seed within the standard settings.

let name = CommandLine.arguments.dropFirst().joined(separator: " ")
let subjects = GallerySubject.all.filter { name.isEmpty || $0.name.contains(name) }
let deepSubjects = DeepSubject.all.filter { name.isEmpty || $0.name.contains(name) }

#if DEBUG
print("A debug build: add -c release for figures to keep.\n")
#endif
print("pure machines under drawn commands, by the processor's time of one thread:")
for subject in deepSubjects {
    let guided = try commandsPerSecond(of: subject, isGuided: true)
    let free = try commandsPerSecond(of: subject, isGuided: false)
    print("  \(guided) commands a second, by chance alone \(free): \(subject)")
}

var isFound = true
print("\n| subject | kind | found | cases | ms until found | ms in all |")
print("| --- | --- | ---: | ---: | ---: | ---: |")
for subject in subjects {
    var finds = Finds()
    for seed in 1...5 as ClosedRange<UInt64> {
        let first = PropertySettings(
            seed: seed,
            shrinkExecutionCountMax: 0,
            shrinkDurationMax: .zero,
            failureCountMax: 1
        )
        let (find, duration) = try await timed {
            try await subject.find(hasBug: true, settings: first)
        }
        let (_, whole) = try await timed {
            try await subject.find(hasBug: true, settings: PropertySettings(seed: seed))
        }
        finds.add(find?.caseCount, duration, whole)
    }
    isFound = isFound && finds.isEach
    let cells = [finds.share, finds.caseCount, finds.findTime, finds.wholeTime]
    print("| \(([subject.name, subject.kind.rawValue] + cells).joined(separator: " | ")) |")
}

print("\n| deep bug | commands | found | cases | most | ms until found | ms in all |")
print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
for subject in deepSubjects {
    var finds = Finds()
    for seed in 1...20 as ClosedRange<UInt64> {
        let (count, duration) = await timed {
            subject.caseCount(isGuided: true, seed: seed)
        }
        let (_, whole) = await timed {
            try? subject.look(true, PropertySettings(seed: seed))
        }
        finds.add(count, duration, whole)
    }
    isFound = isFound && finds.isEach
    let cells = [
        "\(subject.commandCount)", finds.share, finds.caseCount, finds.caseCountMost,
        finds.findTime, finds.wholeTime,
    ]
    print("| \(([subject.name] + cells).joined(separator: " | ")) |")
}
if !isFound { exit(1) }

/// What several seeds found.
struct Finds {
    private var counts: [Int?] = []
    private var times: [Duration] = []
    private var wholes: [Duration] = []

    mutating func add(_ caseCount: Int?, _ time: Duration, _ whole: Duration) {
        counts.append(caseCount)
        times.append(time)
        wholes.append(whole)
    }

    var isEach: Bool { counts.allSatisfy { $0 != nil } }
    var share: String { "\(counts.count { $0 != nil })/\(counts.count)" }
    /// A search that finds nothing counts as one that takes longer than any that does.
    var caseCount: String { Self.text(counts.map { $0 ?? .max }.sorted()[counts.count / 2]) }
    var caseCountMost: String { Self.text(counts.map { $0 ?? .max }.max() ?? 0) }
    var findTime: String { Self.median(times) }
    var wholeTime: String { Self.median(wholes) }

    private static func text(_ count: Int) -> String { count == .max ? "none" : "\(count)" }

    private static func median(_ times: [Duration]) -> String {
        String(format: "%.1f", times.sorted()[times.count / 2] / .milliseconds(1))
    }
}

func timed<Result>(_ body: () async throws -> Result) async rethrows -> (Result, Duration) {
    let start = ContinuousClock.now
    let result = try await body()
    return (result, ContinuousClock.now - start)
}

/// How many commands of a machine without its bug are run in a second, while nothing waits.
func commandsPerSecond(of subject: DeepSubject, isGuided: Bool) throws -> Int {
    let caseCount = 4_000
    let settings = PropertySettings(caseCountMax: caseCount, seed: 1, isGuided: isGuided)
    let start = clock()
    try subject.look(false, settings)
    let seconds = Double(clock() - start) / Double(CLOCKS_PER_SEC)
    // Cases have fifty commands but for one in a thousand.
    return Int(Double(caseCount * 50) / seconds)
}
