import Foundation

/// A resume in a process of its own, as after a crash: what filled the store has left nothing in
/// this process' memory, and nothing is warm in it.
struct Restart {
    private let side: String
    private let messageCount: Int

    init(_ side: String, _ messageCount: Int) {
        self.side = side
        self.messageCount = messageCount
    }

    /// Runs this program again, for the resume alone, and takes what it measured.
    func run(in directory: String) throws -> Outcome {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = [
            "--resume-side", side, "--resume-messages", "\(messageCount)", "--directory", directory,
        ]
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw BenchmarkError.restart(side: side) }
        return try JSONDecoder().decode(Outcome.self, from: data)
    }

    /// What the other process does: resumes and prints the outcome.
    func resume(in directory: String) async throws {
        guard let subject = Rows.jobSubjects.first(where: { $0.name == side }) else {
            throw BenchmarkError.restart(side: side)
        }
        let outcome = try await subject.resume(Batch(count: messageCount), in: directory)
        print(String(decoding: try JSONEncoder().encode(outcome), as: UTF8.self))
    }
}
