import CairnTesting

extension GallerySubject {
    static let all =
        containers + storage + editing + machines + protocols + recovery + delivery + time
        + text + numbers + concurrency
}

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
            for seed in Self.seeds { finds.append(try await subject.look(true, seed)) }
            self.note(ContinuousClock.now - start, of: subject)
            return finds
        }
        searches[subject.name] = search
        return try await search.value
    }

    private func note(_ duration: Duration, of subject: GallerySubject) {
        durations[subject.name] = duration
    }
}
