using Chitin.Storage;

namespace Chitin.UnitTests.Storage;

public sealed class StorageErrorsTests
{
    [Theory]
    [InlineData("IO error: While fdatasync: /s/db/000004.log: Input/output error", StorageFailure.OutcomeUnknown, "/s/db/000004.log")]
    [InlineData("IO error: While fsync: /s/db/000004.log: Input/output error", StorageFailure.OutcomeUnknown, "/s/db/000004.log")]
    [InlineData("IO error: No space left on device: While appending to file: /s/db/000009.log: No space left on device", StorageFailure.DiskFull, "/s/db/000009.log")]
    [InlineData("IO error: No space left on device: While fdatasync: /s/db/000009.log: No space left on device", StorageFailure.OutcomeUnknown, "/s/db/000009.log")]
    [InlineData("IO error: While appending to file: /s/db/000009.sst: Input/output error", StorageFailure.InputOutput, "/s/db/000009.sst")]
    [InlineData("Corruption: block checksum mismatch in /s/db/000012.sst offset 0 size 4000", StorageFailure.Corruption, "/s/db/000012.sst")]
    [InlineData("Invalid argument: Found options incompatible with filesystem: Corruption: its header has been changed: /s/db/CURRENT", StorageFailure.Corruption, "/s/db/CURRENT")]
    [InlineData("Shutdown in progress: ", StorageFailure.OutcomeUnknown, null)]
    public void A_failed_write_is_sorted_by_what_may_have_reached_the_disk(string text, StorageFailure kind, string? file)
    {
        var error = StorageErrors.FromFailedWrite(text);
        Assert.Equal(kind, error.Kind);
        Assert.Equal(file, error.File);
    }

    [Fact]
    public void A_failed_read_is_never_an_unknown_outcome() => Assert.Equal(
        StorageFailure.InputOutput, StorageErrors.FromNative("IO error: While pread: /s/db/000004.sst: Input/output error").Kind);
}
