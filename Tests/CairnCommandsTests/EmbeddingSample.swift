import Cairn

/// The sample of README.md; ``ReadmeTests`` compares it with the lines between the marks.
enum EmbeddingSample {
    static func run(in folder: String) async throws -> [String] {
        var printed: [String] = []
        func print(_ words: String...) { printed.append(words.joined(separator: " ")) }
        let path = "\(folder)/requests.cairn"
        // begin
        let journal = try LMDBJournal(path: path)
        let tracker = PipelineTracker(journal: journal)
        try await tracker.started("PAGW-1", tenant: "anthem", stage: "PARSING")
        try await tracker.completed("PAGW-1", tenant: "anthem", stage: "PARSING")
        try await tracker.started("PAGW-1", tenant: "anthem", stage: "VALIDATION")

        let requests = PipelineView(journal)
        for entry in try await requests.timeline(of: "PAGW-1").entries {
            print(entry.row.event.eventType, entry.row.event.status.word)
        }
        // end
        return printed
    }
}
