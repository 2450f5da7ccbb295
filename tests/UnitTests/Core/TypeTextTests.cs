using System.Buffers;
using Chitin.Core;
using Chitin.Core.Types;

namespace Chitin.UnitTests.Core;

/// <summary>Text forms against what PostgreSQL 15 prints.</summary>
public sealed class TypeTextTests
{
    [Theory]
    [InlineData("int4", " -42 ", "-42")]
    [InlineData("bool", "yes", "t")]
    [InlineData("float8", "1e20", "1e+20")]
    [InlineData("float8", "0.1", "0.1")]
    [InlineData("float8", "123456789012345678", "1.2345678901234568e+17")]
    [InlineData("float8", "0.00001", "1e-05")]
    [InlineData("float8", "-infinity", "-Infinity")]
    [InlineData("float4", "1234567", "1.234567e+06")]
    [InlineData("numeric", "00012.3400", "12.3400")]
    [InlineData("numeric", "1.5e3", "1500")]
    [InlineData("numeric", "-1e-3", "-0.001")]
    [InlineData("bytea", "\\xDEADbeef", "\\xdeadbeef")]
    [InlineData("uuid", "{A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11}", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")]
    [InlineData("date", "1999-01-08", "1999-01-08")]
    [InlineData("date", "January 8, 1999", "1999-01-08")]
    [InlineData("date", "1/8/1999", "1999-01-08")]
    [InlineData("date", "19990108", "1999-01-08")]
    [InlineData("date", "08-Jan-1999", "1999-01-08")]
    [InlineData("date", "0044-03-15 BC", "0044-03-15 BC")]
    [InlineData("date", "infinity", "infinity")]
    [InlineData("time", "04:05:06.789", "04:05:06.789")]
    [InlineData("time", "04:05 PM", "16:05:00")]
    [InlineData("timetz", "04:05:06-08", "04:05:06-08")]
    [InlineData("timestamp", "2004-10-19 10:23:54.123456", "2004-10-19 10:23:54.123456")]
    [InlineData("timestamp", "2004-10-19T10:23:54", "2004-10-19 10:23:54")]
    [InlineData("timestamptz", "2004-10-19 10:23:54+02", "2004-10-19 08:23:54+00")]
    [InlineData("timestamptz", "2004-10-19 10:23:54 PST", "2004-10-19 18:23:54+00")]
    [InlineData("interval", "1 year 2 months 3 days 4 hours 5 minutes 6 seconds", "1 year 2 mons 3 days 04:05:06")]
    [InlineData("interval", "1-2 3 4:05:06", "1 year 2 mons 3 days 04:05:06")]
    [InlineData("interval", "P1Y2M3DT4H5M6S", "1 year 2 mons 3 days 04:05:06")]
    [InlineData("interval", "-1 day +02:03", "-1 days +02:03:00")]
    [InlineData("interval", "1.5 months", "1 mon 15 days")]
    [InlineData("interval", "2 hours ago", "-02:00:00")]
    [InlineData("jsonb", "{\"bb\":1, \"a\": [1, 2.50,null], \"a\":\"x\\u0041\"}", "{\"a\": \"xA\", \"bb\": 1}")]
    [InlineData("_int4", "{1,NULL,3}", "{1,NULL,3}")]
    [InlineData("_int4", "[0:1]={1,2}", "[0:1]={1,2}")]
    [InlineData("_text", "{a,\"b c\",\"d\\\"e\",\"null\"}", "{a,\"b c\",\"d\\\"e\",\"null\"}")]
    [InlineData("_int4", "{{1,2},{3,4}}", "{{1,2},{3,4}}")]
    public void Text_is_read_and_printed_as_PostgreSQL_does(string type, string input, string expected)
    {
        var sqlType = SqlTypes.TryGetByName(type)!;
        Assert.Equal(expected, sqlType.Format(sqlType.Parse(input, -1, FormatSettings.Default), FormatSettings.Default));
    }

    [Theory]
    [InlineData("int4", "2147483648", "22003")]
    [InlineData("int4", "1x", "22P02")]
    [InlineData("int2", "", "22P02")]
    [InlineData("float8", "1e400", "22003")]
    [InlineData("date", "1999-02-30", "22008")]
    [InlineData("date", "nonsense", "22007")]
    [InlineData("timestamp", "2004-10-19 25:00:00", "22008")]
    [InlineData("interval", "1 fortnight", "22007")]
    [InlineData("uuid", "123", "22P02")]
    [InlineData("jsonb", "{\"a\":}", "22P02")]
    [InlineData("_int4", "{1,2", "22P02")]
    [InlineData("text", "a\0b", "22021")]
    public void Bad_text_reports_its_sqlstate(string type, string input, string state)
    {
        var error = Assert.Throws<SqlException>(() => SqlTypes.TryGetByName(type)!.Parse(input, -1, FormatSettings.Default));
        Assert.Equal(state, error.State.Code);
    }

    [Theory]
    [InlineData("1", "3", "0.33333333333333333333")]
    [InlineData("10", "4", "2.5000000000000000")]
    [InlineData("1e10", "7", "1428571428.57142857")]
    [InlineData("-7.5", "2", "-3.7500000000000000")]
    public void Division_keeps_PostgreSQLs_scale(string left, string right, string expected) =>
        Assert.Equal(expected, SqlNumeric.Divide(SqlNumeric.Parse(left), SqlNumeric.Parse(right)).ToString());

    [Theory]
    [InlineData("sqrt", "2", "1.414213562373095")]
    [InlineData("exp", "1", "2.7182818284590452")]
    [InlineData("ln", "2", "0.6931471805599453")]
    [InlineData("sqrt", "100", "10.000000000000000")]
    public void Functions_keep_PostgreSQLs_scale(string function, string argument, string expected)
    {
        var value = SqlNumeric.Parse(argument);
        var result = function switch { "sqrt" => SqlNumeric.Sqrt(value), "exp" => SqlNumeric.Exp(value), _ => SqlNumeric.Ln(value) };
        Assert.Equal(expected, result.ToString());
    }

    [Fact]
    public void Key_order_is_value_order()
    {
        Check("numeric", "-Infinity", "-1e30", "-12.5", "-1.25", "-0.001", "0", "0.0001", "0.5", "1", "9.99", "10", "12345678901234567890", "Infinity", "NaN");
        Check("float8", "-Infinity", "-1.5", "0", "1e-10", "2", "Infinity", "NaN");
        Check("int8", "-9223372036854775808", "-1", "0", "1", "9223372036854775807");
        Check("text", "", "a", "a!", "aa", "b", "\uffee", "\U00010000");
        Check("interval", "-1 year", "0", "29 days", "1 month", "31 days");
        Check("_int4", "{}", "{1}", "{1,2}", "{2}", "{NULL}");
        Check("jsonb", "[]", "null", "\"a\"", "1", "2", "false", "true", "[1]", "{\"a\": 1}");
        Check("timetz", "00:00:00+01", "00:00:00+00", "01:00:00+00", "00:00:00-02");
    }

    [Theory]
    [InlineData("numeric", "-12345.678900")]
    [InlineData("numeric", "0.00001234")]
    [InlineData("numeric", "10000")]
    [InlineData("timestamptz", "2024-02-29 12:34:56.789+00")]
    [InlineData("interval", "1 mon -2 days +03:04:05.6")]
    [InlineData("_text", "{{a,b},{NULL,\"d e\"}}")]
    [InlineData("jsonb", "{\"a\": [1, 2.50, null, true, \"x\"]}")]
    [InlineData("timetz", "04:05:06.5+05:30")]
    [InlineData("bytea", "\\x00ff00")]
    public void Binary_and_storage_forms_come_back_unchanged(string type, string text)
    {
        var sqlType = SqlTypes.TryGetByName(type)!;
        var value = sqlType.Parse(text, -1, FormatSettings.Default);
        var buffer = new ArrayBufferWriter<byte>();
        sqlType.WriteBinary(value, buffer);
        Assert.Equal(text, sqlType.Format(sqlType.ReadBinary(buffer.WrittenSpan, -1), FormatSettings.Default));
        buffer = new ArrayBufferWriter<byte>();
        sqlType.EncodeValue(value, buffer);
        Assert.Equal(text, sqlType.Format(sqlType.DecodeValue(buffer.WrittenSpan), FormatSettings.Default));
    }

    private static void Check(string type, params string[] ascending)
    {
        var sqlType = SqlTypes.TryGetByName(type)!;
        var values = ascending.Select(t => sqlType.Parse(t, -1, FormatSettings.Default)).ToArray();
        var keys = values.Select(v =>
        {
            var buffer = new ArrayBufferWriter<byte>();
            sqlType.EncodeKey(v, buffer);
            return buffer.WrittenSpan.ToArray();
        }).ToArray();
        for (var i = 0; i + 1 < values.Length; i++)
        {
            Assert.True(sqlType.Compare(values[i], values[i + 1]) < 0, $"{ascending[i]} < {ascending[i + 1]}");
            Assert.True(keys[i].AsSpan().SequenceCompareTo(keys[i + 1]) < 0, $"key of {ascending[i]} < key of {ascending[i + 1]}");
        }
    }
}
