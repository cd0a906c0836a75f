import CairnCore
import CairnIncident
import Testing

struct PredicateTests {
    @Test(
        arguments: [
            // Words, quotes, numbers.
            ("status == COMPLETED", true), ("status = 'COMPLETED'", true),
            (#"status == "COMPLETED""#, true), ("status != FAILED", true),
            ("status <> COMPLETED", false), ("name == PAGW-1", true), ("name < PAGW-2", true),
            ("attempt > 2", true), ("attempt>3", false), ("attempt>=3", true),
            ("attempt == 3.0", true), ("attempt < 3.0000000000000000000001", true),
            ("attempt > -5", true), ("ratio == 0.1", true), ("ratio == 1e-1", true),
            ("ratio > 0.1000000000000000055511151231257827", false),
            ("ratio < 1e400", true), ("attempt == 30e-1", true),
            // Spellings of a word.
            ("status == SUCCESS", true), ("status in (SUCCESS, FAILED)", true),
            // Spans and times.
            ("duration_ms == 1.5s", true), ("duration_ms == 1500", true),
            ("duration_ms > 1499999us", true), ("age >= 15m", true), ("age > 15m", false),
            ("at == 1970-01-01T00:00:00Z", true), ("at < '1970-01-01 01:00:00+00'", true),
            // Joining.
            ("status == FAILED or attempt == 3 and open", true),
            ("(status == FAILED or attempt == 3) and not open", false),
            ("status == FAILED || attempt == 3 && !open", false),
            ("not not open", true), ("NOT status == FAILED AND open", true),
            ("!(status == FAILED) && open == true", true), ("open != true", false),
            // Sets and parts.
            ("attempt in (1, 2, 3)", true), ("attempt in [4]", false),
            ("attempt not in (4, 5)", true), ("name contains GW", true),
            ("name not contains 'gw'", true), ("name contains ''", true),
        ]
    )
    func `columns are compared by their kind`(text: String, expected: Bool) throws {
        #expect(try Predicate<SampleRecord>(text).matches(SampleRecord()) == expected)
    }

    @Test(
        arguments: [
            ("metadata.diagnosisCount > 10", true), ("metadata.diagnosisCount > 12", false),
            ("metadata.diagnosisCount == '12'", true), ("metadata.text > 10", true),
            ("metadata.text == '12'", true), ("metadata.text == '12.0'", false),
            ("metadata.text == 12.0", true), ("metadata.targetSystem == carelon", true),
            ("metadata.targetSystem != 5", true), ("metadata.targetSystem > 5", false),
            ("metadata.targetSystem contains are", true),
            ("metadata.big == 9007199254740993", true),
            ("metadata.big == 9007199254740992", false),
            ("metadata.flag", true), ("metadata.flag == true", true),
            ("metadata.flag == false", false), ("metadata.flag < true", false),
            ("metadata.codes contains B2", true), ("metadata.codes contains 3", true),
            ("metadata.codes contains 4", false), ("metadata.codes[0] == A1", true),
            ("metadata.codes.1 == B2", true), ("metadata.codes[9] == A1", false),
            (#"metadata["a.b"].c == 1"#, true), ("metadata['a.b'] contains c", true),
            ("metadata contains flag", true), ("metadata not contains gone", true),
            ("metadata.when > 2025-12-25T10:30:00+01:00", true),
            ("metadata.when == 2025-12-25T11:00:00+01:00", true),
            ("metadata.targetSystem in (carelon, 'other')", true),
        ]
    )
    func `parts of a document show their kind in the record`(text: String, expected: Bool) throws {
        #expect(try Predicate<SampleRecord>(text).matches(SampleRecord()) == expected)
    }

    @Test(
        arguments: [
            ("duration_ms == 1", false), ("duration_ms != 1", false), ("duration_ms < 1", false),
            ("not (duration_ms == 1)", true), ("duration_ms in (1)", false),
            ("duration_ms not in (1)", false), ("name contains x", false),
            ("name not contains x", false), ("exists name", false), ("not exists name", true),
            ("name not exists", true), ("exists(status)", true), ("open", false),
            ("not open", true), ("at > 1970-01-01T00:00:00Z", false),
            ("metadata.nothing == 1", false), ("exists metadata.nothing", false),
            ("metadata.gone != 1", false), ("exists metadata.flag", true),
            ("metadata.flag exists", true), ("exists metadata.flag.deeper", false),
        ]
    )
    func `no comparison with what is absent is true`(text: String, expected: Bool) throws {
        var record = SampleRecord()
        (record.name, record.durationMilliseconds, record.isOpen, record.at) = (nil, nil, nil, nil)
        #expect(try Predicate<SampleRecord>(text).matches(record) == expected)
    }

    @Test(arguments: [nil, "", "not json", "[1", #"{"flag":true"#])
    func `metadata that is missing or not JSON has no parts`(metadata: String?) throws {
        var record = SampleRecord()
        record.metadata = metadata
        #expect(try !Predicate<SampleRecord>("exists metadata.flag").matches(record))
        #expect(try !Predicate<SampleRecord>("metadata.flag != 1").matches(record))
    }

    @Test func `a predicate names the fields it looks at`() throws {
        let predicate = try Predicate<SampleRecord>("(open or attempt > 1) and exists metadata.a")
        #expect(predicate.fields == [.isOpen, .attempt, .metadata])
    }
}
