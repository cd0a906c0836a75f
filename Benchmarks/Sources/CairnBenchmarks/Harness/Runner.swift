import CBaselines
import Foundation

/// All runs of one side.
struct SideResult {
    let name: String
    let values: [Double]
    /// Medians of the repeats' p50, p99 and p99.9 in microseconds, where there are latencies.
    var quantiles: [Double?] = []
    /// Median of the row's second figure.
    var also: Double?
    /// That of the first repeat, or of the first one whose result differs.
    let hash: UInt64
    let hashesAreEqual: Bool
}

/// Runs the sides of one row in turn, repeat by repeat.
///
/// Alternating spreads the machine's slow phases over all sides, and turning the order keeps any
/// side from always running first.
struct Runner {
    let bench: Bench
    let disk: QuietDisk

    func run(_ row: Row) async throws -> [SideResult] {
        var values = [[Double]](repeating: [], count: row.sides.count)
        var alsoValues = [[Double]](repeating: [], count: row.sides.count)
        var quantiles = [[[Double?]]](repeating: [], count: row.sides.count)
        var hashes = [UInt64](repeating: row.expectedHash, count: row.sides.count)
        if row.warmsUp {
            for side in row.sides { _ = try await run(side, of: row, note: "warm-up") }
        }
        let repeatCount = row.runsOnce ? 1 : bench.repeatCount
        for repeatIndex in 0..<repeatCount {
            for turn in row.sides.indices {
                let index = (turn + repeatIndex) % row.sides.count
                let note = "\(repeatIndex + 1)/\(repeatCount)"
                let outcome = try await run(row.sides[index], of: row, note: note)
                values[index].append(row.metric.value(of: outcome))
                if let also = row.also { alsoValues[index].append(also.value(of: outcome)) }
                quantiles[index].append(outcome.quantiles)
                if hashes[index] == row.expectedHash { hashes[index] = outcome.hash }
            }
        }
        return row.sides.indices.map { index in
            SideResult(
                name: row.sides[index].name,
                values: values[index],
                quantiles: Outcome.medians(of: quantiles[index]),
                also: row.also == nil ? nil : alsoValues[index].median,
                hash: hashes[index],
                hashesAreEqual: hashes[index] == row.expectedHash
            )
        }
    }

    private func run(_ side: Side, of row: Row, note: String) async throws -> Outcome {
        Self.tell("\(row.name): \(side.name) \(note)")
        try await disk.wait()
        // No side pays for what another one left to the allocator.
        cb_return_free_memory()
        return try await side.run(bench)
    }

    /// Says how far a run is to whoever waits for it.
    static func tell(_ text: String) {
        FileHandle.standardError.write(Data("\(text)\n".utf8))
    }
}
