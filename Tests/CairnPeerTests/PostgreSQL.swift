import CairnCore
import CairnTestSupport
import Foundation

/// The server that `CAIRN_POSTGRES` names, asked through `psql`.
enum PostgreSQL {
    static let connection = ProcessInfo.processInfo.environment["CAIRN_POSTGRES"]
    static let absence: String = """
        no PostgreSQL server to compare with: set CAIRN_POSTGRES to a connection string of psql, \
        such as 'host=/tmp/cluster port=5432 dbname=postgres user=cairn'
        """

    /// Loads an export into a fresh schema and asks questions there.
    ///
    /// Where something fails the schema stays, to be looked at; the next run replaces it.
    ///
    /// - Parameters:
    ///   - export: The file to load.
    ///   - schema: The name of the schema.
    ///   - queries: What to ask, without the semicolons.
    ///   - extraLines: Lines for psql after the last question.
    /// - Returns: The rows of each answer.
    /// - Throws: ``DatabaseShell/Failure``, also where a statement of the export is refused.
    static func answers(
        loading export: String,
        schema: String,
        _ queries: [String],
        extraLines: [String] = []
    ) async throws -> [[[String?]]] {
        let scratch = try ScratchFolder()
        let mark = String(decoding: [DatabaseShell.answerStart], as: UTF8.self)
        let script = queries.map { "\\echo \(mark)\n\($0);\n" } + extraLines.map { "\($0)\n" }
        let questions = try scratch.file("questions.sql", Array(script.joined().utf8))
        let begin = """
            SET client_min_messages = warning; SET TimeZone = 'UTC'; SET DateStyle = 'ISO';
            DROP SCHEMA IF EXISTS \(schema) CASCADE; CREATE SCHEMA \(schema);
            SET search_path = \(schema);
            """
        let output = try await DatabaseShell.run(
            "psql",
            [
                "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-P", "null=\(DatabaseShell.null)",
                "-F", String(decoding: [DatabaseShell.cellEnd], as: UTF8.self),
                "-R", String(decoding: [DatabaseShell.rowEnd], as: UTF8.self),
                "-d", connection ?? "", "-c", begin, "-f", export, "-f", questions,
                "-c", "DROP SCHEMA \(schema) CASCADE",
            ],
            environment: ["PGCLIENTENCODING": "UTF8"]
        )
        return DatabaseShell.answers(output)
    }
}

/// How the cells of a column are compared.
enum ColumnKind {
    /// As the texts they are.
    case text
    /// As instants, because PostgreSQL leaves zeros at the end out.
    case time
    /// As what the JSON means: JSONB keeps neither spaces nor the order of members.
    case json
    /// As binary floating point, which both sides print so that it reads back as itself.
    case double

    /// One spelling of everything that is equal.
    func normalized(_ cell: String?) throws -> String? {
        guard let cell else { return nil }
        switch self {
        case .text: return cell
        case .time: return try Timestamp(rfc3339: cell).rfc3339
        case .json:
            return String(
                decoding: try JSONValue.parse(Array(cell.utf8)).canonicalBytes,
                as: UTF8.self
            )
        case .double: return Double(cell)?.description ?? cell
        }
    }
}

extension Timestamp {
    /// The instant as a literal of PostgreSQL, with all its digits.
    var literal: String { "TIMESTAMPTZ '\(rfc3339)'" }
}

extension String {
    /// The text as a literal of SQL.
    var literal: String { "'" + replacing("'", with: "''") + "'" }
}
