"""Names for invented agencies: real regions and the usual offices, so that titles look like titles."""

_REGIONS = [
    "平顶山市卫东区",
    "淮安市洪泽区",
    "宿迁市沭阳县",
    "益阳市桃江县",
    "西安市雁塔区",
    "黑河市爱辉区",
    "宣城市宣州区",
    "福州市平潭县",
    "南京市江宁区",
    "苏州市吴江区",
    "杭州市余杭区",
    "宁波市鄞州区",
    "温州市苍南县",
    "合肥市肥西县",
    "芜湖市无为市",
    "厦门市思明区",
    "泉州市晋江市",
    "南昌市进贤县",
    "赣州市于都县",
    "济南市历下区",
    "青岛市即墨区",
    "潍坊市寿光市",
    "郑州市中牟县",
    "洛阳市嵩县",
    "武汉市黄陂区",
    "宜昌市夷陵区",
    "长沙市浏阳市",
    "衡阳市衡南县",
    "广州市番禺区",
    "佛山市顺德区",
    "南宁市武鸣区",
    "桂林市阳朔县",
    "海口市琼山区",
    "成都市双流区",
    "绵阳市三台县",
    "贵阳市花溪区",
    "遵义市仁怀市",
    "昆明市呈贡区",
    "曲靖市会泽县",
    "兰州市榆中县",
    "西宁市湟中区",
    "银川市贺兰县",
    "太原市清徐县",
    "大同市左云县",
    "沈阳市辽中区",
    "大连市庄河市",
    "长春市农安县",
    "哈尔滨市依兰县",
    "石家庄市正定县",
    "唐山市迁安市",
]
_OFFICES = [
    "人民政府办公室",
    "发展和改革局",
    "教育局",
    "科学技术局",
    "工业和信息化局",
    "公安局",
    "民政局",
    "司法局",
    "财政局",
    "人力资源和社会保障局",
    "自然资源局",
    "生态环境局",
    "住房和城乡建设局",
    "交通运输局",
    "水利局",
    "农业农村局",
    "商务局",
    "文化和旅游局",
    "卫生健康委员会",
    "退役军人事务局",
    "应急管理局",
    "审计局",
    "市场监督管理局",
    "统计局",
    "医疗保障局",
    "城市管理局",
    "信访局",
    "行政审批局",
    "林业局",
    "气象局",
]
_FIRST = "东西南北上下新古大小青白石金玉清龙凤长永太高双平安"
_SECOND = "山河桥沙林泉湖塘坪岭溪口庄店城关阳门井沟坝屯湾集"


def agency_name(number: int) -> str:
    """Return the agency of a number; 33,000 numbers in a row give as many different agencies, offices before towns.

    >>> agency_name(0)
    '平顶山市卫东区人民政府办公室'
    >>> len({agency_name(number) for number in range(30_000)})
    30000
    """
    region = _REGIONS[number % len(_REGIONS)]
    number //= len(_REGIONS)
    if number < len(_OFFICES):
        return region + _OFFICES[number]
    number -= len(_OFFICES)
    first, second = divmod(number % (len(_FIRST) * len(_SECOND)), len(_SECOND))
    return f"{region}{_FIRST[first]}{_SECOND[second]}镇人民政府"
