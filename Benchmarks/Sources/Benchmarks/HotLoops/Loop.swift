import Benchmark
import Foundation

/// How a loop is measured, and that its result is looked at.
struct Loop {
    /// What the clock runs over.
    enum Sample {
        /// So many calls that a figure is told in nanoseconds of one of them.
        case thousandCalls
        case oneCall
        /// One call that takes so long, or leaves so much behind, that there are only a few.
        case fewCalls(count: Int)
    }

    /// Set for a run that only looks whether all results are right.
    static let isSmoke = ProcessInfo.processInfo.environment["CAIRN_SMOKE"] != nil
    static let callsPerSample = 1000
    private static let warmupCount = isSmoke ? 1 : 10

    let name: String
    let sample: Sample

    init(_ name: String, _ sample: Sample) {
        self.name = name
        self.sample = sample
    }

    /// How often the loop runs at most, before the clock starts as well.
    var runCountMax: Int { Self.warmupCount + configuration.maxIterations }

    /// - Parameters:
    ///   - make: Makes what the loop works on; its last reference cleans up.
    ///   - body: Runs the loop between the start and the stop of the measurement, and returns what
    ///     it came to beside what it must come to.
    func measure<Subject: AnyObject>(
        on make: @escaping () async throws -> Subject,
        _ body: @escaping (Benchmark, Subject) throws -> Comparison
    ) {
        let held = Held<Subject>(name)
        Benchmark(
            name,
            configuration: configuration,
            closure: { benchmark in
                held.settle(with: Result { try held.subject.map { try body(benchmark, $0) } })
            },
            setup: { await held.make(make) },
            teardown: { held.subject = nil }
        )
    }

    /// The same for a loop that waits.
    func measureWaiting<Subject: AnyObject>(
        on make: @escaping () async throws -> Subject,
        _ body: @escaping (Benchmark, Subject) async throws -> Comparison
    ) {
        let held = Held<Subject>(name)
        Benchmark(
            name,
            configuration: configuration,
            closure: { benchmark in
                guard let subject = held.subject else { return }
                do {
                    held.settle(with: .success(try await body(benchmark, subject)))
                } catch {
                    held.settle(with: .failure(error))
                }
            },
            setup: { await held.make(make) },
            teardown: { held.subject = nil }
        )
    }

    private var configuration: Benchmark.Configuration {
        var configuration = Benchmark.Configuration(
            // A machine whose counters cannot be read leaves the instructions out.
            metrics: [.wallClock, .throughput, .instructions],
            timeUnits: .nanoseconds,
            units: [.throughput: .count],
            warmupIterations: Self.warmupCount,
            maxDuration: .seconds(1),
            maxIterations: 100_000
        )
        switch sample {
        case .thousandCalls: configuration.scalingFactor = .kilo
        case .oneCall: break
        case .fewCalls(let count):
            configuration.maxDuration = .seconds(3)
            configuration.maxIterations = count
        }
        if Self.isSmoke {
            configuration.maxDuration = .seconds(10)
            configuration.maxIterations = 2
        }
        return configuration
    }
}

/// What a loop came to, and what it must come to.
struct Comparison {
    let isEqual: Bool
    let text: String

    init<Value: Equatable>(_ found: Value, _ expected: Value) {
        isEqual = found == expected
        text = isEqual ? "" : "came to \(found) instead of \(expected)"
    }
}

/// Holds what a loop works on from its setup to its end.
private final class Held<Subject: AnyObject> {
    let name: String
    var subject: Subject?
    /// Standard error as it is now: the library closes it to whatever runs without a progress bar.
    private let messages = dup(STDERR_FILENO)

    init(_ name: String) {
        self.name = name
    }

    func make(_ make: () async throws -> Subject) async {
        do { subject = try await make() } catch { fail("could not begin: \(error)") }
    }

    func settle(with result: Result<Comparison?, any Error>) {
        switch result {
        case .success(let comparison?): if !comparison.isEqual { fail(comparison.text) }
        case .success(nil): fail("has nothing to work on")
        case .failure(let error): fail("failed: \(error)")
        }
    }

    /// Ends the process: the tool prints a failure that it is told of, and goes on to exit with 0.
    private func fail(_ text: String) -> Never {
        subject = nil
        let messages = FileHandle(fileDescriptor: messages)
        try? messages.write(contentsOf: Data("\(name) \(text)\n".utf8))
        exit(1)
    }
}

extension Benchmark {
    /// Runs the clock over a part of a loop's body.
    func clocked<Value>(_ body: () throws -> Value) rethrows -> Value {
        startMeasurement()
        let value = try body()
        stopMeasurement()
        return value
    }
}
