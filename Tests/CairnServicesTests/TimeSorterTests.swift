import CairnCore
import CairnTestSupport
import Testing

@testable import CairnServices

struct TimeSorterTests {
    let scratch: ScratchFolder

    init() throws {
        scratch = try ScratchFolder()
    }

    /// A record that says its time and its place in the input, padded to a length.
    private func record(_ time: Int64, _ ordinal: Int, padding: Int) -> [UInt8] {
        Array("\(time):\(ordinal)".utf8) + [UInt8](repeating: 46, count: padding)
    }

    @Test(arguments: [0, 1, 2, 1_000, 20_000])
    func `records come back by time, those of equal time in their order`(count: Int) throws {
        var sorter = TimeSorter(byteCountMax: 1 << 16, folder: scratch.path)
        var seed: UInt64 = 42
        var added: [(time: Int64, ordinal: Int)] = []
        for ordinal in 0..<count {
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let time = Int64(seed >> 33) % 97 - 48
            added.append((time, ordinal))
            let bytes = record(time, ordinal, padding: Int(seed >> 60))
            try sorter.add(bytes, at: TimeKey(time: Timestamp(nanoseconds: time)))
        }
        #expect(count < 10_000 || sorter.runCount > 5)
        var found: [String] = []
        while let bytes = try sorter.next() {
            found.append(String(decoding: bytes.prefix { $0 != 46 }, as: UTF8.self))
        }
        let expected = added.sorted { ($0.time, $0.ordinal) < ($1.time, $1.ordinal) }
        #expect(found == expected.map { "\($0.time):\($0.ordinal)" })
        #expect(sorter.isEmpty)
    }

    @Test(arguments: [10, 20_000])
    func `those of equal time come back by their ties, and then in their order`(
        count: Int
    ) throws {
        var sorter = TimeSorter(byteCountMax: 1 << 16, folder: scratch.path)
        let numbers: [Double] = [-.infinity, -7.5, -0.25, -0.0, 0, 1e-300, 3, 1e9]
        var added: [(time: Int64, number: Double, ordinal: Int)] = []
        for ordinal in 0..<count {
            let time = Int64(ordinal % 3)
            let number = numbers[(ordinal &* 5) % numbers.count]
            added.append((time, number, ordinal))
            let key = TimeKey(time: Timestamp(nanoseconds: time), tie: number.orderedBytes)
            try sorter.add(record(time, ordinal, padding: ordinal % 7), at: key)
        }
        #expect(count < 10_000 || sorter.runCount > 5)
        var found: [String] = []
        while let bytes = try sorter.next() {
            found.append(String(decoding: bytes.prefix { $0 != 46 }, as: UTF8.self))
        }
        let expected = added.sorted {
            ($0.time, $0.number, $0.ordinal) < ($1.time, $1.number, $1.ordinal)
        }
        #expect(found == expected.map { "\($0.time):\($0.ordinal)" })
    }

    @Test func `a sorter can be used again, and takes records larger than its buffer`() throws {
        var sorter = TimeSorter(byteCountMax: 1 << 16, folder: scratch.path)
        for _ in 1...2 {
            for time in stride(from: 5 as Int64, through: 1, by: -1) {
                let bytes = record(time, 0, padding: 200_000)
                try sorter.add(bytes, at: TimeKey(time: Timestamp(nanoseconds: time)))
            }
            var times: [UInt8] = []
            while let bytes = try sorter.next() {
                #expect(bytes.count == 200_003)
                times.append(bytes[0] - 48)
            }
            #expect(times == [1, 2, 3, 4, 5])
        }
    }

    @Test func `no file is left behind and a folder that is missing is an error`() throws {
        var sorter = TimeSorter(byteCountMax: 1 << 16, folder: scratch.path)
        for time in 0..<5_000 as Range<Int64> {
            let bytes = record(time, 0, padding: 50)
            try sorter.add(bytes, at: TimeKey(time: Timestamp(nanoseconds: time)))
        }
        #expect(sorter.runCount > 0)
        #expect(try scratch.names().isEmpty)

        var lost = TimeSorter(byteCountMax: 1 << 16, folder: "\(scratch.path)/missing")
        let error = #expect(throws: ImportError.self) {
            for time in 0..<5_000 as Range<Int64> {
                let bytes = record(time, 0, padding: 50)
                try lost.add(bytes, at: TimeKey(time: Timestamp(nanoseconds: time)))
            }
        }
        #expect(error?.description.contains("no temporary file for sorting") == true)
    }

    @Test(arguments: [ImportKey.sequenceNumber(.min), .sequenceNumber(7), .ordinal(.max)])
    func `a row survives being set aside`(key: ImportKey) throws {
        let path = try scratch.file("rows.jsonl", Sample.json(#","metadata":[1],"attempt":9"#))
        let row = try #require(Reading.jsonLines(path).rows.first)
        for place in [
            ImportPlace.line(3), .event(case: "x/y", ordinal: 4, line: nil),
            .event(case: "", ordinal: 1, line: 2),
        ] {
            let given = ImportRow(request: "R\u{e9}", key: key, event: row.event, place: place)
            let (found, source) = try ImportRecord.decode(ImportRecord.encode(given, source: 300))
            #expect(source == 300)
            #expect(found.request == given.request && found.key == key && found.place == place)
            #expect(found.event == given.event)
        }
    }
}
