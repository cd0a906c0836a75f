import Cairn
import CairnTestSupport
import Foundation
import Testing

/// No text of the original is in a bundle, in whatever way it may be written down.
struct BundleSecretTests {
    private static let choice = [
        BundleSecrets.request, "--key", BundleSecrets.secret("importedKey"), "--uuid",
        BundleSecrets.uuid, "--job", BundleSecrets.job,
    ]

    private static func bundle(_ secrets: BundleSecrets, _ options: [String]) async throws -> Data {
        let arguments = ["bundle", "--journal", "j", "-o", "b"] + choice + options
        let run = try await CairnProcess.run(arguments, in: secrets.folder.url)
        #expect(run.status == 0, "\(run.error)")
        #expect(try secrets.folder.names().sorted() == ["b", "j"])
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: secrets.folder.path("b"))
                == ["data.mdb"]
        )
        let printed = Data((run.output + run.error).utf8)
        return try secrets.folder.data("b/data.mdb") + printed
    }

    /// The ways in which a text may be found again.
    static func forms(of text: String) -> [String: Data] {
        let utf8 = Data(text.utf8)
        var forms = [
            "as it is": utf8,
            "in UTF-16": Data(text.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }),
            "in UTF-16, big end first": Data(
                text.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
            ),
            "in hexadecimal": Data(utf8.map { String(format: "%02x", $0) }.joined().utf8),
        ]
        // Where a text begins within other bytes there are three ways to write its middle.
        for skipped in 0..<3 where utf8.count > 6 {
            let middle = utf8.dropFirst(skipped)
            let whole = Data(middle.prefix(middle.count / 3 * 3))
            forms["in Base64 from \(skipped)"] = Data(whole.base64EncodedString().utf8)
        }
        return forms
    }

    /// SHA-256 of each text, by the system's own tool.
    private static func digests(of texts: [String], in folder: ScratchFolder) async throws -> [Data]
    {
        for (index, text) in texts.enumerated() { try folder.file("s\(index)", text) }
        var command = ChildCommand(
            "/usr/bin/env",
            ["sha256sum"] + texts.indices.map { folder.path("s\($0)") }
        )
        command.output = .file(folder.path("sums"))
        #expect(try await command.run() == .exit(0))
        return try folder.text("sums").split(separator: "\n").map { line in
            Data(BundleSecrets.bytes(ofDigits: line.prefix(64)))
        }
    }

    static func lowercased(_ data: Data) -> Data {
        Data(data.map { (65...90).contains($0) ? $0 + 32 : $0 })
    }

    @Test(arguments: [[], ["--keep-times", "--keep-numbers"]])
    func `no secret is in the bytes of a bundle`(options: [String]) async throws {
        let secrets = try await BundleSecrets()
        let original = Self.lowercased(try secrets.folder.data("j/data.mdb"))
        let bytes = Self.lowercased(try await Self.bundle(secrets, options))
        let texts = BundleSecrets.fields.map { BundleSecrets.secret($0) } + [BundleSecrets.longKey]
        for (field, text) in zip(BundleSecrets.fields + ["longKey"], texts) {
            let plain = Self.lowercased(Data(text.utf8))
            #expect(original.range(of: plain) != nil, "\(field) was never planted")
            for (form, needle) in Self.forms(of: text) {
                let found = bytes.range(of: Self.lowercased(needle))
                #expect(found == nil, "\(field) \(form)")
            }
        }
        #expect(bytes.range(of: Self.lowercased(Data(BundleSecrets.mark.utf8))) == nil)
        let whole = try secrets.folder.data("b/data.mdb")
        let before = try secrets.folder.data("j/data.mdb")
        let sums = try await Self.digests(of: texts, in: try ScratchFolder())
        #expect(sums.count == texts.count)
        var digestCount = 0
        for (text, sum) in zip(texts, sums) {
            #expect(whole.range(of: sum) == nil, "the digest of \(text)")
            let digits = Data(sum.map { String(format: "%02x", $0) }.joined().utf8)
            #expect(bytes.range(of: digits) == nil, "the digest of \(text) in digits")
            if before.range(of: sum) != nil, original.range(of: digits) != nil { digestCount += 1 }
        }
        // That of the one that was planted.
        #expect(digestCount == 1)
        guard options.isEmpty else { return }
        for number in BundleSecrets.numbers {
            let digits = Data(number.description.utf8)
            #expect(before.range(of: digits) != nil, "\(number) was never planted")
            #expect(whole.range(of: digits) == nil, "\(number)")
            #expect(whole.range(of: Self.littleEndian(number)) == nil, "\(number)")
            #expect(whole.range(of: Self.field(number)) == nil, "\(number)")
        }
        // The `id` of a row.
        #expect(before.range(of: Self.field(BundleSecrets.numbers[0])) != nil)
    }

    /// A number as fields of payloads have it, behind the byte that says which field it is.
    private static func field(_ number: Int64) -> Data {
        var fields = FieldWriter()
        fields.number(1, number)
        return Data(fields.finish().dropFirst())
    }

    static func littleEndian(_ number: Int64) -> Data {
        Data((0..<8).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) })
    }

    @Test func `no digest, id or time of the original is in a bundle`() async throws {
        let secrets = try await BundleSecrets()
        _ = try await Self.bundle(secrets, [])
        let bytes = try secrets.folder.data("b/data.mdb")
        let original = try secrets.folder.data("j/data.mdb")
        func expectLost(_ needle: Data, _ what: String, at position: Position) {
            #expect(original.range(of: needle) != nil, "the \(what) at \(position) is not found")
            #expect(bytes.range(of: needle) == nil, "the \(what) at \(position)")
        }
        let journal = try LMDBJournal(path: secrets.folder.path("j"), configuration: .readOnly)
        var count = 0
        let machine = ItemMachine()
        try await journal.forEachEvent { header, frame in
            count += 1
            let position = header.position
            expectLost(Data(header.contentDigest(in: frame).bytes), "digest", at: position)
            for time in [header.recordedAt, header.occurredAt] where time != .unixEpoch {
                expectLost(Self.littleEndian(time.nanoseconds), "time", at: position)
            }
            if let id = header.eventID(in: frame) {
                expectLost(Data(id.name.utf8), "id", at: position)
            }
            // What the caller made of an item's content is a digest of its text, too.
            if let event = try? machine.event(header, frame: frame),
                case .began(let beginning) = event.fact, let request = beginning.request
            {
                expectLost(Data(request.content.bytes), "content's digest", at: position)
            }
            return .proceed
        }
        #expect(count > 20)
    }

    @Test func `times inside of events are moved, unless they are to stay`() async throws {
        let secrets = try await BundleSecrets()
        let needles = secrets.fieldTimes.map { Self.field($0.nanoseconds) }
        let original = try secrets.folder.data("j/data.mdb")
        for needle in needles { #expect(original.range(of: needle) != nil) }
        let kept = try await Self.bundle(secrets, ["--keep-times"])
        for needle in needles { #expect(kept.range(of: needle) != nil) }
        try secrets.folder.remove("b")
        let moved = try await Self.bundle(secrets, [])
        for needle in needles { #expect(moved.range(of: needle) == nil) }
    }

    @Test func `what is asked to be kept is kept`() async throws {
        let secrets = try await BundleSecrets()
        let bytes = try await Self.bundle(secrets, ["--keep-payloads"])
        for field in BundleSecrets.fields {
            let text = Data(BundleSecrets.secret(field).utf8)
            #expect(bytes.range(of: text) != nil, "\(field)")
        }
        let before = try await secrets.cairn("state", BundleSecrets.request, "--journal", "j")
        let after = try await secrets.cairn("state", BundleSecrets.request, "--journal", "b")
        #expect(before.status == 0 && after.output == before.output)
    }
}
