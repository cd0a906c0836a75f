import CairnCore
import CairnDomains
import CairnJournal
import CairnLMDB
import CairnServices
import CairnTestSupport
import CairnTesting

/// Rows of requests in the order in which they are recorded.
struct PeerHistory {
    /// Where the rows' numbers come from.
    enum Numbering: CaseIterable {
        /// Each row has one, unique in its request: the rule of the source's table.
        case given
        /// No row has one, so its place in its stream stands for it.
        case places
        /// Some have one, and it may repeat; of equal numbers the earlier row comes first.
        case mixed
    }

    struct Row {
        let request: String
        let event: PipelineEvent
    }

    var numbering = Numbering.given
    /// The instant that questions are asked at.
    var now = Timestamp(nanoseconds: 1_766_664_000_000_000_000)
    var rows: [Row] = []

    /// Appends all rows to a journal, in turns of a few.
    func append(to journal: any Journal) async throws {
        var rest = rows[...]
        while !rest.isEmpty {
            var appends: [StreamAppend] = []
            for row in rest.prefix(500) {
                var id: EventID?
                if numbering == .given, let number = row.event.sequenceNumber {
                    id = try PipelineEvent.eventID(request: row.request, sequenceNumber: number)
                }
                let stream = try PipelineEvent.streamID(request: row.request)
                appends.append(StreamAppend([try row.event.newEvent(id: id)], to: stream))
            }
            try await journal.append(appends)
            rest = rest.dropFirst(500)
        }
    }

    /// Makes a journal on disk that holds the rows.
    func journal(in scratch: ScratchFolder) async throws -> LMDBJournal {
        let journal = try LMDBJournal(path: scratch.path + "/journal")
        try await append(to: journal)
        return journal
    }
}
