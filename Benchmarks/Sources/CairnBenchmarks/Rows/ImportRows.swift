import Cairn

/// Imports of files into new stores.
extension Rows {
    /// A file of a fifth of the events, in batches of a thousand durable ones.
    func importing(_ format: ImportFormat) -> Row {
        let imports = CairnImports(
            fleet: Fleet(count: share(5, countMin: 4_000), seed: workload.seed)
        )
        func side(
            _ name: String,
            _ run: @escaping (_ files: String, _ directory: String) async throws -> Outcome
        ) -> Side {
            Side(name) { bench in
                let files = try await bench.store(named: "files of \(format.rawValue)") {
                    try imports.write(format, in: $0)
                }
                return try await bench.withDirectory { try await run(files, $0) }
            }
        }
        // A server is given the whole file at once, which is the quickest way in; Cairn keeps what
        // stands before a row that cannot be read.
        let peerName = "\(PostgresBaseline.sideName) one COPY"
        let postgres = side(peerName) { files, directory in
            try imports.runPostgres(from: files, in: directory)
        }
        return Row(
            name: "import-\(format.rawValue)",
            metric: .eventsPerSecond,
            also: .mebibytesPerSecond,
            baseline: format == .csv ? peerName : Self.cairn,
            expectedHash: imports.expectedHash,
            sides: (PostgresBaseline.isThere && format == .csv ? [postgres] : []) + [
                side(Self.cairn) { files, directory in
                    try await imports.run(format, from: files, in: directory)
                }
            ]
        )
    }
}
