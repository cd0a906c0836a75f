import CairnTesting
import Foundation
import Testing

/// Engines with one bug each, which the harness has to find and bring down to the known case.
struct GalleryTests {
    @Test(arguments: GallerySubject.all)
    func `without its bug the engine passes`(subject: GallerySubject) async throws {
        #expect(try await subject.look(false, 1) == nil)
    }

    @Test(arguments: GallerySubject.all)
    func `from every seed the bug is found and comes down to the known case`(
        subject: GallerySubject
    ) async throws {
        for (seed, find) in zip(GalleryRun.seeds, try await GalleryRun.shared.finds(of: subject)) {
            #expect(find?.lines == subject.minimal, "seed \(seed)")
            #expect(find?.failureCount == 1, "seed \(seed)")
        }
    }
}
