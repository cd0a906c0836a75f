import CairnGallery
import CairnTesting

/// What is found in every subject from every seed, looked for once.
actor GalleryRun {
    static let shared = GalleryRun()
    static let seeds: [UInt64] = [1, 2, 3, 4, 5]

    private var searches: [String: Task<[GalleryFind?], any Error>] = [:]
    private(set) var durations: [String: Duration] = [:]

    func finds(of subject: GallerySubject) async throws -> [GalleryFind?] {
        if let known = searches[subject.name] { return try await known.value }
        let search = Task {
            var finds: [GalleryFind?] = []
            let start = ContinuousClock.now
            for seed in Self.seeds {
                let settings = PropertySettings(seed: seed)
                finds.append(try await subject.find(hasBug: true, settings: settings))
            }
            self.note(ContinuousClock.now - start, of: subject)
            return finds
        }
        searches[subject.name] = search
        return try await search.value
    }

    private func note(_ duration: Duration, of subject: GallerySubject) {
        durations[subject.name] = duration
    }

    /// What it took to find and to shorten each bug, as lines of a table.
    var table: [String] {
        get async throws {
            var rows = [
                "| subject | kind | cases | runs | size | minimal |",
                "| --- | --- | ---: | ---: | ---: | ---: |",
            ]
            for subject in GallerySubject.all {
                let finds = try await finds(of: subject)
                let known = finds.compactMap { $0 }
                let minimalCount = known.count { $0.lines == subject.minimal }
                let numbers = [
                    Self.median(known.map(\.caseCount)), Self.median(known.map(\.shrinkCount)),
                    Self.median(known.map(\.size)),
                ]
                let share = "\(minimalCount)/\(finds.count)"
                let cells = [subject.name, subject.kind.rawValue] + numbers + [share]
                rows.append("| \(cells.joined(separator: " | ")) |")
            }
            return rows
        }
    }

    /// How long the searches took, the longest first.
    var timeText: String {
        let sorted = durations.sorted { $0.value > $1.value }
        let total = durations.values.reduce(.zero, +)
        let lines = sorted.prefix(8).map { "  \($0.value.formatted): \($0.key)" }
        return (["\(total.formatted) for all searches, of which"] + lines)
            .joined(separator: "\n")
    }

    private static func median(_ numbers: [Int]) -> String {
        numbers.isEmpty ? "none" : "\(numbers.sorted()[numbers.count / 2])"
    }
}

extension Duration {
    fileprivate var formatted: String {
        "\(components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000) ms"
    }
}
