import CairnCore
import CairnDomains
import CairnIncident
import CairnJournal
import CairnTesting
import Testing

/// Definitions with one rule changed: each is found where it first shows.
struct DefinitionMutantTests {
    static let seeds: Range<UInt64> = 1..<9
    static let now = History.time(minutes: 120)

    @Test(arguments: DefinitionMutant.harmful)
    func `each changed rule is found at its first event`(mutant: DefinitionMutant) async throws {
        let definition = mutant.definition
        #expect(!PipelineDefinition.priorAuthorization.differences(to: definition).isEmpty)
        var shownCount = 0
        for seed in Self.seeds {
            let history = History.random(seed: seed)
            let journal = try await history.journal()
            let report = try await PipelineComparison(
                journal,
                from: .priorAuthorization,
                to: definition
            ).report(now: Self.now)
            let found = try await NaiveComparison(report.requests, in: journal)
            let expected = try Self.naive(history, from: .priorAuthorization, to: definition)
            #expect(found == expected, "\(mutant.name), seed \(seed)")
            shownCount += report.requests.streams.count
        }
        #expect(shownCount > 0, "no history shows it")
    }

    @Test(arguments: DefinitionMutant.harmless)
    func `rules that make no difference raise no alarm`(mutant: DefinitionMutant) async throws {
        for seed in Self.seeds.lowerBound..<Self.seeds.upperBound + 4 {
            let history = History.random(seed: seed)
            let journal = try await history.journal()
            let comparison = PipelineComparison(
                journal,
                from: .priorAuthorization,
                to: mutant.definition
            )
            let report = try await comparison.report(now: Self.now)
            #expect(report.requests.isEqual, "\(mutant.name), seed \(seed)")
            let ids = Set(history.rows.map(\.requestID))
            #expect(report.requests.streamCount == ids.count)
        }
    }

    /// Each request for itself, its rows taken from the history and not from the journal.
    static func naive(
        _ history: History,
        from old: PipelineDefinition,
        to new: PipelineDefinition
    ) throws -> NaiveComparison {
        var naive = NaiveComparison()
        for (id, rows) in Dictionary(grouping: history.rows, by: \.requestID) {
            naive.compare(
                try PipelineEvent.streamID(request: id),
                documents(of: rows, by: RequestMachine(old)),
                documents(of: rows, by: RequestMachine(new))
            )
        }
        return naive
    }

    private static func documents(
        of rows: [History.Row],
        by machine: RequestMachine
    ) -> [(Position, JSONValue)] {
        var state = machine.initial
        return rows.map { row in
            machine.evolve(&state, by: .row(row.event))
            return (Position(rawValue: row.position), machine.document(of: state))
        }
    }
}
