using Chitin.Core;
using Chitin.Protocol;
using Chitin.Protocol.Backend;

namespace Chitin.UnitTests.Protocol;

public sealed class WireWriterTests
{
    [Fact]
    public void A_message_has_its_code_and_length()
    {
        using var buffer = new WireBuffer();
        new WireWriter(buffer).Write(new CommandComplete("SELECT 1"));
        Assert.Equal(new FrontendBytes().Text("SELECT 1").Message('C'), buffer.Written.ToArray());
    }

    [Fact]
    public void A_text_with_a_zero_cannot_break_out_of_its_field()
    {
        using var buffer = new WireBuffer();
        new WireWriter(buffer).Write(new ParameterStatus("a\0b", "c"));
        Assert.Equal(new FrontendBytes().Text("a").Text("c").Message('S'), buffer.Written.ToArray());
    }

    [Fact]
    public void An_error_carries_every_field_that_it_has()
    {
        using var buffer = new WireBuffer();
        var error = new SqlException(SqlState.UniqueViolation, "dup") { Detail = "d", TableName = "t", ConstraintName = "k", Position = 3 };
        new WireWriter(buffer).Write(new ErrorResponse(error));
        var expected = new FrontendBytes();
        foreach (var (code, value) in new[] { ('S', "ERROR"), ('V', "ERROR"), ('C', "23505"), ('M', "dup"), ('D', "d"), ('P', "3"), ('t', "t"), ('n', "k") })
            expected.Byte((byte)code).Text(value);
        Assert.Equal(expected.Byte(0).Message('E'), buffer.Written.ToArray());
    }

    [Fact]
    public void A_buffer_grows_and_gives_its_memory_back()
    {
        using var buffer = new WireBuffer(16);
        var writer = new WireWriter(buffer);
        var start = writer.Begin(BackendCode.CopyData);
        writer.WriteBytes(new byte[200_000]);
        writer.End(start);
        Assert.Equal(200_005, buffer.Length);
        buffer.Truncate(start);
        Assert.Equal(0, buffer.Length);
        buffer.Clear();
        Assert.True(buffer.GetSpan().Length < 100_000);
    }
}
