import CBaselines
import Foundation

/// What the figures depend on besides the code.
struct Machine: Encodable {
    let coreCount: Int
    let system: String
    let fileSystem: String
    let lmdbVersion: String
    let sqliteVersion: String
    let rocksDB: String
    let postgres: String
    let flushMedianMicroseconds: Double
    let flushP99Microseconds: Double

    /// Bytes that this process has had written to disks so far.
    static func writtenByteCount() throws -> UInt64 {
        let text = try String(contentsOfFile: "/proc/self/io", encoding: .utf8)
        let line = text.split(separator: "\n").first { $0.hasPrefix("write_bytes: ") }
        guard let count = line.flatMap({ UInt64($0.dropFirst(13)) }) else {
            throw BenchmarkError.noAccounting
        }
        return count
    }

    /// Looks at this machine, and flushes a small file in `directory` 200 times.
    init(directory: String) throws(BenchmarkError) {
        var latencies = [UInt64](repeating: 0, count: 200)
        let result = cb_flush_latencies(directory, UInt64(latencies.count), &latencies)
        _ = try Outcome(result)
        coreCount = ProcessInfo.processInfo.activeProcessorCount
        system = ProcessInfo.processInfo.operatingSystemVersionString
        fileSystem = String(cString: cb_file_system_name(directory))
        lmdbVersion = String(cString: cb_lmdb_version())
        sqliteVersion = String(cString: cb_sqlite_version())
        rocksDB = RocksDBBaseline.description
        postgres = PostgresBaseline.description
        flushMedianMicroseconds = Double(latencies.quantile(0.5)) / 1e3
        flushP99Microseconds = Double(latencies.quantile(0.99)) / 1e3
    }
}
