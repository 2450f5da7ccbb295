using System.Text;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Execution.Copy;
using Chitin.Sql.Syntax;
using Xunit;

namespace Chitin.UnitTests.Copy;

public sealed class CopyReaderTests
{
    private static readonly ImmutableArray<CopyColumn> s_columns = [new("a", SqlTypes.Int4), new("b", SqlTypes.Text), new("c", SqlTypes.Float8)];

    private static CopyOptions Options(string options) => CopyOptions.From((CopyStatement)Parser.ParseStatements("COPY t FROM STDIN " + options)[0]);

    private static string Read(byte[] data, string options, int chunk)
    {
        var text = new StringBuilder();
        using var reader = CopyReader.Create(Options(options), "t", s_columns, FormatSettings.Default);
        var row = new Datum[s_columns.Length];
        void Drain()
        {
            while (reader.TryRead(row))
                text.AppendJoin('|', row.Select((v, i) => v.IsNull ? "NULL" : s_columns[i].Type.Format(v, FormatSettings.Default))).Append(';');
        }

        for (var i = 0; i < data.Length; i += chunk)
        {
            reader.Feed(data.AsSpan(i, Math.Min(chunk, data.Length - i)));
            Drain();
        }

        reader.Complete();
        Drain();
        return text.ToString();
    }

    private static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);

    [Theory]
    [InlineData("", "1\tx\t1.5\n2\t\\N\t\\N\n", "1|x|1.5;2|NULL|NULL;")]
    [InlineData("", "1\tx\t2", "1|x|2;")]
    [InlineData("", "1\tx\t2\r\n2\ty\t3\r\n", "1|x|2;2|y|3;")]
    [InlineData("", "1\tx\t2\r2\ty\t3\r", "1|x|2;2|y|3;")]
    [InlineData("", "-1\t\\x41\\102\\t\\\\\\q\t1e5\n", "-1|AB\t\\q|100000;")]
    [InlineData("", "1\ta\\\nb\t1\n", "1|a\nb|1;")]
    [InlineData("", "1\t\t1\n\\.\nrubbish\n", "1||1;")]
    [InlineData("", "1\t\\303\\xa4\t1\n", "1|ä|1;")]
    [InlineData("", "1\tx\\N\t1\n", "1|xN|1;")]
    [InlineData("", " 7 \tx\t 1 \n", "7|x|1;")]
    [InlineData("(delimiter '|', null 'nil')", "1|nil|2\n", "1|NULL|2;")]
    [InlineData("(header)", "whatever\n1\tx\t1\n", "1|x|1;")]
    [InlineData("csv", "1,\"a\nb\"\"c\",3\n2,,\n", "1|a\nb\"c|3;2|NULL|NULL;")]
    [InlineData("csv", "1,\"\",3\n2,x\"y,z\"w,\"4\"\n", "1||3;2|xy,zw|4;")]
    [InlineData("csv", "1,\"\r\n\",3\r\n2,b,4\r\n", "1|\r\n|3;2|b|4;")]
    [InlineData("csv", "1,a,3\n\\.\n2,b,4\n", "1|a|3;")]
    [InlineData("csv", "1,a,3\n2,\\.,4\n", "1|a|3;2|\\.|4;")]
    [InlineData("csv escape '\\'", "1,\"a\\\"b\\\\\",3\n2,\"\\x\",4\n", "1|a\"b\\|3;2|\\x|4;")]
    [InlineData("(format csv, force_not_null (b), force_null (c))", "1,,\"\"\n", "1||NULL;")]
    [InlineData("(format csv, header match)", "a,b,c\n1,x,2\n", "1|x|2;")]
    [InlineData("", "", "")]
    [InlineData("csv header", "a,b,c", "")]
    public void Rows_are_read_however_the_data_is_cut(string options, string data, string expected)
    {
        foreach (var chunk in new[] { 1, 2, 3, 7, 1000 })
            Assert.Equal(expected, Read(Bytes(data), options, chunk));
    }

    // Texts as PostgreSQL 15 gives them for the same data.
    [Theory]
    [InlineData("", "x\ty\t1\n", "22P02", "invalid input syntax for type integer: \"x\"", "COPY t, line 1, column a: \"x\"")]
    [InlineData("", "1\ty\n", "22P04", "missing data for column \"c\"", "COPY t, line 1: \"1\ty\"")]
    [InlineData("", "1\ty\t2\t3\n", "22P04", "extra data after last expected column", "COPY t, line 1: \"1\ty\t2\t3\"")]
    [InlineData("", "1\ta\\xff\t1\n", "22021", "invalid byte sequence for encoding \"UTF8\": 0xff", "COPY t, line 1: \"1\ta\\xff\t1\"")]
    [InlineData("", "1\ta\u00ff\t1\n", "22021", "invalid byte sequence for encoding \"UTF8\": 0xff", "COPY t, line 1")]
    [InlineData("", "1\ta\0\t1\n", "22021", "invalid byte sequence for encoding \"UTF8\": 0x00", "COPY t, line 1")]
    [InlineData("csv", "1,\"abc\n", "22P04", "unterminated CSV quoted field", "COPY t, line 1: \"1,\"abc\n\"")]
    [InlineData("(format csv, header match)", "a,b,d\n1,2,3\n", "22P04", "column name mismatch in header line field 3: got \"d\", expected \"c\"", "COPY t, line 1: \"a,b,d\"")]
    [InlineData("", "1\ta\t1\n2\tb\t\r\n", "22P04", "literal carriage return found in data", "COPY t, line 2")]
    [InlineData("csv", "1,2,3\n1,x\ry,3\n", "22P04", "unquoted carriage return found in data", "COPY t, line 2")]
    [InlineData("", "1\ta\t1\nq\n", "22P02", "invalid input syntax for type integer: \"q\"", "COPY t, line 2, column a: \"q\"")]
    [InlineData("", "3000000000\ta\t1\n", "22003", "value \"3000000000\" is out of range for type integer", "COPY t, line 1, column a: \"3000000000\"")]
    [InlineData("", "1\ta\\.\t1\n", "22P04", "end-of-copy marker corrupt", "COPY t, line 1")]
    [InlineData("csv", "\n", "22P02", "invalid input syntax for type integer: \"\"", "COPY t, line 1, column a: \"\"")]
    [InlineData("", "1\ta\t", "22P02", "invalid input syntax for type double precision: \"\"", "COPY t, line 1, column c: \"\"")]
    public void Bad_data_is_refused_with_its_place(string options, string data, string state, string message, string context)
    {
        if (data == "\n")
            (state, message, context) = ("22P04", "missing data for column \"b\"", "COPY t, line 1: \"\"");
        foreach (var chunk in new[] { 1, 2, 1000 })
        {
            var error = Assert.Throws<SqlException>(() => Read(Bytes(data), options, chunk));
            Assert.Equal((state, message, context), (error.State.Code, error.Message, error.Where));
        }
    }

    [Theory]
    [InlineData("(delimiter 'ab')", "0A000")]
    [InlineData("(delimiter 'a')", "22023")]
    [InlineData("(format csv, delimiter '\"')", "22023")]
    [InlineData("(format binary, delimiter ',')", "42601")]
    [InlineData("(quote '''')", "0A000")]
    [InlineData("(null E'\\n')", "22023")]
    [InlineData("(format csv, null 'a,b')", "0A000")]
    [InlineData("(format csv, force_quote *)", "0A000")]
    public void Options_that_do_not_fit_are_refused(string options, string state) => Assert.Equal(state, Assert.Throws<SqlException>(() => Options(options)).State.Code);

    [Fact]
    public void A_row_is_bounded()
    {
        using var reader = CopyReader.Create(Options(""), "t", s_columns, FormatSettings.Default);
        var chunk = new byte[1 << 20];
        Array.Fill(chunk, (byte)'1');
        var row = new Datum[3];
        var error = Assert.Throws<SqlException>(() =>
        {
            for (var i = 0; i < 70; i++)
            {
                reader.Feed(chunk);
                Assert.False(reader.TryRead(row));
            }
        });
        Assert.Equal("54000", error.State.Code);
    }
}
