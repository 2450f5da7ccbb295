using Chitin.Security.Audit;
using Chitin.Testing;

namespace Chitin.UnitTests.Audit;

public sealed class AuditLogFileTests
{
    [Fact]
    public void The_file_is_its_owners_alone_and_grows()
    {
        using var directory = new TemporaryDirectory();
        var logs = directory.File("logs");
        using (var file = AuditLogFile.Open(logs, TimeProvider.System))
            file.Append("one\n"u8);
        using (var file = AuditLogFile.Open(logs, TimeProvider.System))
            file.Append("two\n"u8);
        var path = Path.Combine(logs, AuditLogFile.FileName);
        Assert.Equal("one\ntwo\n", File.ReadAllText(path));
        if (OperatingSystem.IsWindows())
            return;
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(logs));
    }

    [Fact]
    public void A_full_file_is_set_aside_and_nothing_is_lost()
    {
        using var directory = new TemporaryDirectory();
        using (var file = AuditLogFile.Open(directory.Path, TimeProvider.System, maximumBytes: 10))
        {
            for (var i = 0; i < 9; i++)
                file.Append("12345\n"u8);
        }

        var files = Directory.GetFiles(directory.Path);
        Assert.Equal(9, files.Length);
        Assert.Equal(54, files.Sum(f => new FileInfo(f).Length));
    }
}
