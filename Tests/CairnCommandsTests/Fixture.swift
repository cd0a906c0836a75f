import CairnTestSupport
import Foundation
import Testing

/// Ten rows of four requests: one done, one stuck with its worker, one failed, one with a gap.
struct Fixture {
    static let csv = """
        id,tenant,pagw_id,stage,event_type,status,sequence_no,attempt,retryable,next_retry_at,\
        duration_ms,error_code,error_message,worker_id,created_at,metadata
        1,anthem,R-1,ORCHESTRATION,REQUEST_RECEIVED,COMPLETED,1,1,t,,,,,,\
        2025-12-25 10:00:00+00,"{""channel"":""fhir""}"
        2,anthem,R-1,PARSING,PARSE_START,STARTED,2,1,t,,,,,pod-1,2025-12-25 10:00:00.25+00,
        3,anthem,R-1,PARSING,PARSE_OK,SUCCESS,3,1,t,,245,,,pod-1,\
        2025-12-25 10:00:00.495+00,"{""diagnosisCount"":12,""procedureCount"":5}"
        4,anthem,R-2,ORCHESTRATION,REQUEST_RECEIVED,COMPLETED,1,1,t,,,,,,2025-12-25 10:01:00+00,
        5,anthem,R-2,PARSING,PARSE_START,STARTED,2,1,t,,,,,pod-2,2025-12-25 10:01:01+00,
        6,anthem,R-3,ORCHESTRATION,REQUEST_RECEIVED,COMPLETED,1,1,t,,,,,,2025-12-25 10:02:00+00,
        7,anthem,R-3,PARSING,PARSE_START,STARTED,2,1,t,,,,,pod-1,2025-12-25 10:02:01+00,
        8,anthem,R-3,PARSING,PARSE_FAIL,FAILED,3,1,t,2025-12-25 10:07:00+00,90000,API_TIMEOUT,\
        "no answer, twice",pod-1,2025-12-25 10:03:31+00,
        9,other,R-4,PARSING,PARSE_OK,COMPLETED,2,1,t,,1255,,,pod-1,2025-12-25 10:05:00+00,\
        "{""diagnosisCount"":2}"
        10,other,R-4,PARSING,PARSE_START,STARTED,1,1,t,,,,,pod-1,2025-12-25 10:04:58.745+00,

        """

    let folder: ScratchFolder

    /// Imports the rows, ordered by time so that recorded times are those of the rows.
    ///
    /// Without tables of projections, as where another program wrote the journal, unless they are
    /// kept.
    init(keepsTables: Bool = false) async throws {
        folder = try ScratchFolder()
        try folder.file("rows.csv", Self.csv)
        let run = try await folder.cairn("import", "rows.csv", "--order", "time", "--journal", "j")
        try #require(run.status == 0, "\(run.error)")
        if !keepsTables { try folder.remove("j/projections") }
    }

    /// Runs a verb on the journal.
    func cairn(_ arguments: [String]) async throws -> CairnProcess {
        try await CairnProcess.run(arguments + ["--journal", "j"], in: folder.url)
    }

    /// Runs a verb written as in a shell, without quotes.
    func cairn(_ line: String) async throws -> CairnProcess {
        try await cairn(line.split(separator: " ").map(String.init))
    }

    /// The data file's bytes.
    func bytes() throws -> Data { try folder.data("j/data.mdb") }
}

/// What a verb prints, as a test expects it.
struct Expectation: CustomTestStringConvertible {
    let command: String
    let output: String

    var testDescription: String { command }
}
