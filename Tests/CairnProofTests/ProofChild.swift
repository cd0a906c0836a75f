import CairnTestSupport
import Foundation

/// What children found, over all starts of them.
struct ProofReport: Sendable {
    /// What was counted, by name.
    private(set) var counts: [String: Int] = [:]
    private(set) var violations: [String] = []
    /// What children were at when they died, and how.
    private(set) var deaths: [Death] = []
    /// Mutants that nobody caught.
    private(set) var escaped: [String] = []

    struct Death: Sendable, CustomStringConvertible {
        let end: ChildEnd
        let description: String
    }

    subscript(name: String) -> Int { counts[name, default: 0] }

    mutating func add(_ other: ProofReport) {
        counts.merge(other.counts, uniquingKeysWith: +)
        violations += other.violations
        deaths += other.deaths
        escaped += other.escaped
    }

    /// Takes the lines of a child.
    ///
    /// - Returns: The number and the description of what it looked at last.
    fileprivate mutating func take(_ text: String) -> (number: Int, description: String)? {
        var last: (number: Int, description: String)?
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ", maxSplits: 2).map(String.init)
            guard let kind = words.first else { continue }
            switch (kind, words.count) {
            case ("P", 3): last = Int(words[1]).map { ($0, words[2]) } ?? last
            case ("V", 3): violations.append(words[2])
            case ("N", 3): counts[words[1], default: 0] += Int(words[2]) ?? 0
            case ("M", 2...): escaped.append(words.dropFirst().joined(separator: " "))
            default: continue
            }
        }
        return last
    }

    fileprivate mutating func addDeath(_ end: ChildEnd, _ description: String) {
        deaths.append(Death(end: end, description: "\(end) at \(description)"))
    }
}

/// Starts children that prove, and starts them again behind what killed one.
struct ProofChild {
    /// Children that die more often than this are not started again.
    static let deathCountMax = 400

    /// A folder in memory, where there is one with room: what is tested here are the bytes.
    static func folder() throws -> ProofFolder {
        try ProofFolder()
    }

    /// Runs a child for each part at the same time, each to its end.
    ///
    /// - Parameters:
    ///   - partCount: How many.
    ///   - arguments: Gets a folder's path, the part, and the number to begin with.
    /// - Returns: What all of them found.
    /// - Throws: What keeps a child from being started.
    static func run(
        parts partCount: Int,
        _ arguments: @escaping @Sendable (String, Int, Int) -> [String]
    ) async throws -> ProofReport {
        try await withThrowingTaskGroup(of: ProofReport.self) { group in
            for part in 0..<partCount {
                group.addTask { try await run(part, arguments) }
            }
            var report = ProofReport()
            for try await other in group { report.add(other) }
            return report
        }
    }

    private static func run(
        _ part: Int,
        _ arguments: @Sendable (String, Int, Int) -> [String]
    ) async throws -> ProofReport {
        var report = ProofReport()
        var first = 0
        while report.deaths.count <= deathCountMax {
            let folder = try ProofFolder()
            defer { withExtendedLifetime(folder) {} }
            let scratch = try ScratchFolder()
            var command = ChildCommand(
                try Bundle.builtExecutable("CairnProofChild").path,
                arguments(folder.path, part, first)
            )
            // Where a trace of the stack is made for each trap, that takes most of the time.
            command.environment["SWIFT_BACKTRACE"] = "enable=no"
            command.output = .file(scratch.path("output"))
            command.error = .file(scratch.path("errors"))
            let end = try await command.run()
            let last = report.take(try scratch.text("output"))
            if end == .exit(0) { return report }
            let errors = try scratch.text("errors").suffix(500)
            report.addDeath(end, "\(last?.description ?? "its start"): \(errors)")
            guard let last else { return report }
            first = last.number + 1
        }
        return report
    }
}

/// A folder for files that need not outlive the test, in memory where there is room.
final class ProofFolder: Sendable {
    let path: String

    init() throws {
        let memory = "/dev/shm"
        let attributes = try? FileManager.default.attributesOfFileSystem(forPath: memory)
        let free = (attributes?[.systemFreeSize] as? NSNumber)?.int64Value ?? 0
        let parent = free > 1 << 28 ? memory : NSTemporaryDirectory()
        let folder = URL(fileURLWithPath: parent).resolvingSymlinksInPath().path
        path = folder + "/cairn-proof-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }
}
