using Chitin.Core;
using Chitin.Protocol;
using Chitin.Protocol.Frontend;

namespace Chitin.UnitTests.Protocol;

public sealed class FrontendMessageTests
{
    [Fact]
    public void Parse_gives_name_text_and_types()
    {
        var message = Parse.Read(new FrontendBytes().Text("s1").Text("select $1").Int16(2).Int32(23).Int32(0).Body());
        Assert.True(message.Name.SequenceEqual("s1"u8));
        Assert.True(message.Text.SequenceEqual("select $1"u8));
        Assert.Equal(2, message.ParameterTypes.Count);
        Assert.Equal(23u, message.ParameterTypes[0]);
        Assert.Equal(0u, message.ParameterTypes[1]);
    }

    [Fact]
    public void Bind_gives_values_nulls_and_formats()
    {
        var message = Bind.Read(new FrontendBytes().Text("").Text("s").Int16(1).Int16(1).Int16(3).Int32(2).Raw(7, 8).Int32(-1).Int32(0).Int16(2).Int16(0).Int16(1).Body());
        Assert.Equal(3, message.ParameterCount);
        Assert.Equal(WireFormat.Binary, message.ParameterFormats[2]);
        Assert.Equal(WireFormat.Text, message.ResultFormats[0]);
        Assert.Equal(WireFormat.Binary, message.ResultFormats[1]);
        var values = new WireValueReader(message.Values);
        Assert.True(values.TryReadNext(out var first));
        Assert.Equal([7, 8], first.ToArray());
        Assert.False(values.TryReadNext(out _));
        Assert.True(values.TryReadNext(out var third));
        Assert.Equal(0, third.Length);
    }

    [Fact]
    public void Sixty_five_thousand_parameters_fit()
    {
        var body = new FrontendBytes().Text("").Text("").Int16(0).Int16(65535);
        for (var i = 0; i < 65535; i++)
            body.Int32(-1);
        Assert.Equal(65535, Bind.Read(body.Int16(0).Body()).ParameterCount);
    }

    public static TheoryData<char, byte[], string> Malformed => new()
    {
        { 'Q', new FrontendBytes().Raw((byte)'x').Body(), "08P01" },
        { 'Q', new FrontendBytes().Text("select 1").Byte(1).Body(), "08P01" },
        { 'Q', new FrontendBytes().Raw(0xff, 0xfe, 0).Body(), "22021" },
        { 'P', new FrontendBytes().Text("a").Text("b").Body(), "08P01" },
        { 'P', new FrontendBytes().Text("a").Text("b").Int16(2).Int32(1).Body(), "08P01" },
        { 'P', new FrontendBytes().Text("a").Text("b").Int16(0).Byte(0).Body(), "08P01" },
        { 'B', new FrontendBytes().Text("").Text("").Int16(0).Int16(1).Int32(100).Raw(1, 2).Body(), "08P01" },
        { 'B', new FrontendBytes().Text("").Text("").Int16(0).Int16(1).Int32(-2).Int16(0).Body(), "08P01" },
        { 'B', new FrontendBytes().Text("").Text("").Int16(0).Int16(1).Int32(int.MaxValue).Int16(0).Body(), "08P01" },
        { 'B', new FrontendBytes().Text("").Text("").Int16(2).Int16(0).Int16(0).Int16(1).Int32(-1).Int16(0).Body(), "08P01" },
        { 'B', new FrontendBytes().Text("").Text("").Int16(1).Int16(2).Int16(0).Int16(0).Body(), "22023" },
        { 'D', new FrontendBytes().Byte((byte)'X').Text("").Body(), "08P01" },
        { 'C', new FrontendBytes().Byte((byte)'S').Body(), "08P01" },
        { 'E', new FrontendBytes().Text("p").Body(), "08P01" },
        { 'S', new FrontendBytes().Byte(0).Body(), "08P01" },
        { 'f', new FrontendBytes().Body(), "08P01" },
        { 'p', new FrontendBytes().Raw(1, 0, 2, 0).Body(), "08P01" },
    };

    [Theory]
    [MemberData(nameof(Malformed))]
    public void A_malformed_message_is_refused(char code, byte[] body, string sqlState) =>
        Assert.Equal(sqlState, Assert.Throws<SqlException>(() => FrontendDecoder.Decode((FrontendCode)code, body)).State.Code);

    [Fact]
    public void A_sasl_response_without_data_is_valid()
    {
        var message = SaslInitialResponse.Read(new FrontendBytes().Text("SCRAM-SHA-256").Int32(-1).Body());
        Assert.Equal("SCRAM-SHA-256", message.Mechanism);
        Assert.Equal(0, message.Data.Length);
    }
}
