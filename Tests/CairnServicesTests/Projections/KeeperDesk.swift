import Cairn
import CairnTesting
import Logging
import MetricsTestKit
import Synchronization

@testable import CairnServices

/// A keeper of tables whose checkpoints lie close together, and what it told and counted.
struct KeeperDesk: Sendable {
    /// Events between checkpoints, and between two times that the keeper brings tables up.
    static let interval: UInt64 = 8

    let told = ToldLines()
    private let factory = TestMetrics()

    /// A keeper that rests as its caller says; by default not at all.
    func keeper(
        _ journal: any Journal,
        _ definition: PipelineDefinition = .priorAuthorization,
        rest: @escaping @Sendable (TimeSpan) async throws -> Void = { _ in await Task.yield() }
    ) -> ProjectionKeeper {
        ProjectionKeeper(
            Self.tables(journal, definition),
            of: journal,
            interval: Self.interval,
            clock: ServiceClock(now: { .unixEpoch }, boot: ServiceClock.system.boot, sleep: rest),
            logger: Logger(label: "keeper") { [told] _ in told },
            metrics: factory
        )
    }

    var keptCount: Int64 { factory.counterTotal("cairn_tables_kept") }
    var failedCount: Int64 { factory.counterTotal("cairn_tables_failed") }

    static func tables(
        _ journal: any Journal,
        _ definition: PipelineDefinition = .priorAuthorization
    ) -> KeptProjections {
        KeptProjections(journal, pipeline: definition, interval: interval)
    }

    static func board(
        _ journal: any Journal,
        _ definition: PipelineDefinition = .priorAuthorization
    ) -> RequestBoard {
        RequestBoard(journal, definition: definition, interval: interval)
    }

    /// The same pipeline under other rules.
    static func otherDefinition() -> PipelineDefinition {
        let known = PipelineDefinition.priorAuthorization
        return PipelineDefinition(
            name: known.name,
            version: known.version + 1,
            isOpen: false,
            stages: known.stages,
            eventTypes: known.eventTypes
        )
    }
}

extension TestMetrics {
    fileprivate func counterTotal(_ label: String) -> Int64 {
        (try? expectCounter(label).totalValue) ?? 0
    }
}

/// The levels of what was logged.
final class ToldLines: LogHandler {
    private let lines = Mutex<[Logger.Level]>([])

    var levels: [Logger.Level] { lines.withLock { $0 } }

    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }
    var logLevel: Logger.Level {
        get { .trace }
        set {}
    }

    subscript(metadataKey _: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    func log(event: LogEvent) { lines.withLock { $0.append(event.level) } }
}
