import CairnTesting
import Foundation
import Testing

/// The laws of machines, asked of every one of Cairn's own; `Specs/Laws.md` lists them.
struct MachineLawTests {
    @Test(arguments: try LawSubjects.all())
    func `every machine keeps the laws of folds`(machine: any LawQuestions) throws {
        try machine.keepsFolds()
    }

    @Test(arguments: try LawSubjects.all())
    func `any events of every machine fold, and none is dropped`(
        machine: any LawQuestions
    ) throws {
        try machine.foldsAnything()
    }

    @Test(arguments: try LawSubjects.all())
    func `every machine refuses what its table refuses, and nothing else`(
        machine: any LawQuestions
    ) throws {
        try machine.refusesByTable()
    }

    @Test(arguments: try LawSubjects.all())
    func `no machine adds anything for what is asked twice and is to be done once`(
        machine: any LawQuestions
    ) throws {
        try machine.addsNothingTwice()
    }

    @Test(arguments: try LawSubjects.all())
    func `drawn histories of every machine have the same digest in every process`(
        machine: any LawQuestions
    ) throws {
        try machine.isTheSameElsewhere()
    }

    @Test(arguments: try LawSubjects.stored())
    func `unknown, newer, damaged and erased events of each machine stop or are passed over`(
        machine: any StoredLawQuestions
    ) throws {
        try machine.stopsAtUnknownEvents()
    }

    @Test(arguments: try LawSubjects.stored())
    func `events of each machine are the same bytes when they are read and written again`(
        machine: any StoredLawQuestions
    ) throws {
        try machine.writesStably()
    }

    @Test(arguments: try LawSubjects.stored())
    func `a stored history of each machine reads as it was, and is written as it was`(
        machine: any StoredLawQuestions
    ) throws {
        let path = "Histories/\(machine.name).jsonl"
        guard let bytes = try? PipelineDefinitionTests.specification(path) else {
            Issue.record("Specs/\(path) is not there; it would be\n\(try machine.historyText())")
            return
        }
        try machine.readsHistory(String(decoding: bytes, as: UTF8.self))
    }

    @Test(arguments: try LawSubjects.stored())
    func `every stored trace of each machine is one that its table allows`(
        machine: any StoredLawQuestions
    ) async throws {
        let counts = try await machine.storedTracesFollowTable()
        #expect(counts.traces >= 60 && counts.events >= 60, "\(counts)")
        // The comparison can fail: most histories cannot begin with their second event.
        let isAnyBeginning = ["ReferenceMachine", "TruncationMachine"].contains(machine.name)
        #expect(isAnyBeginning || counts.refusedWithoutBeginning > 0, "\(counts)")
    }

    /// The names that the sources declare machines under.
    private static func declared() -> Set<String> {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let sources = root.appending(path: "Sources")
        let found = FileManager.default.enumerator(atPath: sources.path)
        let texts = (found?.allObjects ?? []).compactMap { $0 as? String }
            .filter { $0.hasSuffix(".swift") }
            .compactMap { try? String(contentsOf: sources.appending(path: $0), encoding: .utf8) }
        let name = /(?m)^(?:public |package )?(?:struct|enum|extension) (\w+): (?:Stored)?Machine\b/
        return Set(texts.flatMap { $0.matches(of: name).map { String($0.1) } })
    }

    @Test func `every machine in the sources is asked`() throws {
        #expect(Set(try LawSubjects.all().map(\.name)) == Self.declared())
    }
}
