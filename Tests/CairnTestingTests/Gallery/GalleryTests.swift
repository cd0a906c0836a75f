import CairnGallery
import CairnTesting
import Foundation
import Testing

/// Engines with one bug each, which the harness has to find and bring down to the known case.
struct GalleryTests {
    @Test(arguments: GallerySubject.all)
    func `without its bug the engine passes`(subject: GallerySubject) async throws {
        #expect(try await subject.find(hasBug: false, settings: PropertySettings(seed: 1)) == nil)
    }

    @Test(arguments: GallerySubject.all)
    func `from every seed the bug is found and comes down to the known case`(
        subject: GallerySubject
    ) async throws {
        let finds = try await GalleryRun.shared.finds(of: subject)
        for (seed, find) in zip(GalleryRun.seeds, finds) {
            let lines = find?.lines ?? ["nothing"]
            #expect(([subject.minimal] + subject.others).contains(lines), "seed \(seed): \(lines)")
            #expect(find?.failureCount == 1, "seed \(seed)")
        }
        // What leads nowhere is an exception, and the minimal case is reached nevertheless.
        #expect(finds.contains { $0?.lines == subject.minimal })
    }

    @Test func `subjects are many, and each is one of its kind`() {
        #expect(GallerySubject.all.count >= 40)
        #expect(Set(GallerySubject.all.map(\.name)).count == GallerySubject.all.count)
        for kind in GallerySubject.Kind.allCases {
            #expect(GallerySubject.all.contains { $0.kind == kind }, "\(kind)")
        }
    }

    @Test func `the table of detection is the one in the specification`() async throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
        let root = folder.deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let file = try String(contentsOf: root.appending(path: "Specs/Gallery.md"), encoding: .utf8)
        let known = file.split(separator: "\n").prefix { $0 != "## Deep bugs" }
            .filter { $0.hasPrefix("|") }.map(String.init)
        let table = try await GalleryRun.shared.table
        print(await GalleryRun.shared.timeText)
        #expect(known == table, "the table is now:\n\(table.joined(separator: "\n"))")
    }
}
