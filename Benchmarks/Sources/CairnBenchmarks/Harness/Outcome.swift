import Foundation

/// What one run of one side produced; a row's ``Metric`` takes its figure from it.
struct Outcome: Codable, Sendable {
    /// Events the measured part handled.
    var eventCount = 0
    /// Duration of the measured part alone.
    var seconds = 0.0
    /// One element for each measured commit or query, where the side has them.
    var latenciesNanoseconds: [UInt64] = []
    /// Size of the store's files or growth of memory, where the row asks for it.
    var byteCount: UInt64 = 0
    /// Hash of the result, equal on all sides that did the same work.
    var hash: UInt64
}

/// The figure a row compares.
enum Metric: Sendable {
    case eventsPerSecond
    case bytesPerEvent
    case mebibytes
    case mebibytesPerSecond
    case milliseconds
    /// A quantile of the latencies, in microseconds.
    case latency(quantile: Double)

    var unit: String {
        switch self {
        case .eventsPerSecond: "events/s"
        case .bytesPerEvent: "bytes/event"
        case .mebibytes: "MiB"
        case .mebibytesPerSecond: "MiB/s"
        case .milliseconds: "ms"
        case .latency(let quantile): "us p\(String(format: "%g", quantile * 100))"
        }
    }

    func value(of outcome: Outcome) -> Double {
        switch self {
        case .eventsPerSecond: Double(outcome.eventCount) / outcome.seconds
        case .bytesPerEvent: Double(outcome.byteCount) / Double(outcome.eventCount)
        case .mebibytes: Double(outcome.byteCount) / 0x100000
        case .mebibytesPerSecond: Double(outcome.byteCount) / 0x100000 / outcome.seconds
        case .milliseconds: outcome.seconds * 1e3
        case .latency(let quantile):
            Double(outcome.latenciesNanoseconds.quantile(quantile)) / 1e3
        }
    }
}

extension Outcome {
    /// The quantiles that every side with latencies tells, by their names.
    static let quantileNames = ["p50 us", "p99 us", "p99.9 us"]

    /// In microseconds; nil where there are so few latencies that it would be the slowest one.
    var quantiles: [Double?] {
        let sorted = latenciesNanoseconds.sorted()
        return [0.5, 0.99, 0.999].map { quantile in
            Double(sorted.count) * (1 - quantile) < 1
                ? nil : Double(sorted.quantileOfSorted(quantile)) / 1e3
        }
    }

    /// The medians of some repeats' quantiles; nil where one of the repeats has none.
    static func medians(of repeats: [[Double?]]) -> [Double?] {
        guard !repeats.isEmpty else { return [] }
        return quantileNames.indices.map { index in
            let known = repeats.compactMap { $0[index] }
            return known.count == repeats.count ? known.median : nil
        }
    }
}
